/* What compare.html does beyond being read: its curves. Without it all text still stands. */
// @ts-nocheck -- runs in a browser, which the types of this project do not describe
(() => {
  "use strict";

  const { plots } = globalThis;
  plots.latency(JSON.parse(document.getElementById("data").textContent).curves);
  for (const query of ["(prefers-color-scheme: dark)", "print"])
    matchMedia(query).addEventListener("change", plots.redraw);
})();
