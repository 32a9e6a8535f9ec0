/*
 * What report.html does beyond being read: plots, rows that open, a command that copies. Without it all text still
 * stands.
 */

(() => {
  "use strict";

  const { find, findAll } = plots;

  /** @type {PageData} */
  const data = JSON.parse(find("#data").textContent);
  drawTimeline(data.timeline);
  drawLatency(data.curves);
  plots.followColours();
  for (const note of findAll(".scriptless")) note.hidden = true;

  for (const row of findAll(".guarantees > tbody > tr:first-child"))
    row.addEventListener("click", () => {
      const evidence = row.nextElementSibling;
      if (evidence !== null && String(getSelection()) === "") find("details", evidence).toggleAttribute("open");
    });

  /** Whatever is folded around the place that an address names opens; a guarantee opens its evidence. */
  const unfold = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place === null) return;
    /** @type {HTMLElement | null} */
    let around = place.matches(".guarantees > tbody") ? find("details", place) : place;
    for (; around !== null; around = around.parentElement) if (around instanceof HTMLDetailsElement) around.open = true;
    place.scrollIntoView({ block: place.tagName === "TR" ? "center" : "start" });
  };
  addEventListener("hashchange", unfold);
  unfold();

  // A page that was opened from a disk may have no clipboard.
  if ("clipboard" in navigator)
    for (const copy of findAll("[data-copy]")) {
      copy.hidden = false;
      /** @param {string} word */
      const say = (word) => {
        copy.textContent = word;
      };
      copy.addEventListener("click", () => {
        const command = copy.previousElementSibling?.textContent ?? "";
        navigator.clipboard.writeText(command).then(
          () => say("Copied"),
          () => say("Not allowed here"),
        );
      });
      copy.addEventListener("pointerleave", () => say("Copy"));
    }

  const paperWidth = 680;
  addEventListener("beforeprint", () => plots.resize(paperWidth));
  addEventListener("afterprint", () => plots.resize());
})();
