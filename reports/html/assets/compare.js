/* What compare.html does beyond being read: its curves. Without it all text still stands. */

(() => {
  "use strict";

  /** @type {ComparisonData} */
  const data = JSON.parse(plots.find("#data").textContent);
  drawLatency(data.curves);
  plots.followColours();
})();
