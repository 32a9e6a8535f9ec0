/* What report.html does beyond being read: plots, rows that open, a command that copies. Without it all text still stands. */
// @ts-nocheck -- runs in a browser, which the types of this project do not describe
(() => {
  "use strict";

  const { plots } = globalThis;
  const data = JSON.parse(document.getElementById("data").textContent);
  plots.timeline(data.timeline);
  plots.latency(data.curves);
  for (const note of document.querySelectorAll(".scriptless")) note.hidden = true;

  for (const row of document.querySelectorAll(".guarantees > tbody > tr:first-child"))
    row.addEventListener("click", () => {
      if (getSelection().toString() === "") row.nextElementSibling.querySelector("details").toggleAttribute("open");
    });

  /** Whatever is folded around the place that an address names opens; a guarantee opens its evidence. */
  const unfold = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place === null) return;
    for (let around = place; around !== null; around = around.parentElement)
      if (around.tagName === "DETAILS") around.open = true;
    const own = place.matches(".guarantees > tbody") && place.querySelector("details");
    if (own) own.open = true;
    place.scrollIntoView({ block: place.tagName === "TR" ? "center" : "start" });
  };
  addEventListener("hashchange", unfold);
  unfold();

  const copy = document.querySelector("[data-copy]");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    const copied = () => (copy.textContent = "Copied");
    const refused = () => (copy.textContent = "Not allowed here");
    copy.addEventListener("click", () => {
      navigator.clipboard.writeText(copy.previousElementSibling.textContent).then(copied, refused);
    });
    copy.addEventListener("pointerleave", () => (copy.textContent = "Copy"));
  }

  for (const query of ["(prefers-color-scheme: dark)", "print"])
    matchMedia(query).addEventListener("change", plots.redraw);
  const paperWidth = 680;
  addEventListener("beforeprint", () => plots.resize(paperWidth));
  addEventListener("afterprint", () => plots.resize());
})();
