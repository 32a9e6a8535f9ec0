/* Percentile curves on HdrHistogram's axis: x is 1 / (1 - p), logarithmic, so that each further nine takes the same width. */
// @ts-nocheck -- runs in a browser, which the types of this project do not describe
(() => {
  "use strict";

  const { plots } = globalThis;
  const { absent, axis, decades, draw, gutter, line, logarithmic } = plots;

  /** One digit more than the nines need, none at the nines themselves. */
  const percentile = (x) => {
    const nines = Math.log10(x);
    return `${(100 * (1 - 1 / x)).toFixed(Number.isInteger(nines) ? Math.max(nines - 2, 0) : Math.max(Math.ceil(nines) - 1, 1))} %`;
  };

  function at(curve, x) {
    const { x: xs, y: ys } = curve;
    if (xs.length === 0 || x < xs[0] || x > xs[xs.length - 1]) return null;
    const i = xs.findIndex((one) => one >= x);
    if (i <= 0) return ys[Math.max(i, 0)];
    const share = xs[i] === xs[i - 1] ? 1 : (x - xs[i - 1]) / (xs[i] - xs[i - 1]);
    return ys[i - 1] + share * (ys[i] - ys[i - 1]);
  }

  function curvesPlot(target, curves, height, range) {
    const xs = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
    const ends = [1, Math.max(10, ...xs)];
    const options = {
      height,
      padding: [6, 14, 0, 0],
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        sync: { key: "latency", scales: ["x", null] },
      },
      scales: {
        x: { time: false, distr: 3, log: 10, range: () => ends },
        y: { ...logarithmic.scale, range: () => range },
      },
      axes: [
        axis({
          size: 26,
          splits: () => decades(1, ends[1]).filter((x) => Number.isInteger(Math.log10(x))),
          filter: (_, splits) => splits,
          values: (u, splits) => {
            const cramped = (u.width - gutter) / splits.length < 58;
            return splits.map((x, i) => (cramped && i % 2 === 0 ? "" : percentile(x)));
          },
        }),
        axis(logarithmic.axis),
      ],
      series: [
        { label: "at", value: (_, x) => (absent(x) ? "" : percentile(x)) },
        ...curves.map((curve) => ({ ...line({ ...curve, unit: "ms" }), spanGaps: true })),
      ],
    };
    return draw(target, options, [xs, ...curves.map((curve) => xs.map((x) => at(curve, x)))]);
  }

  function latency(curves) {
    const values = Object.values(curves).flatMap((some) => some.flatMap(({ y }) => y.filter((value) => value > 0)));
    const range = [
      values.reduce((a, b) => Math.min(a, b), Infinity) / 1.3,
      values.reduce((a, b) => Math.max(a, b), 0) * 1.3,
    ];
    for (const target of document.querySelectorAll("[data-curves]")) {
      const some = curves[target.dataset.curves];
      if (some.some(({ x }) => x.length > 0)) curvesPlot(target, some, target.closest(".triple") ? 220 : 320, range);
    }
  }

  plots.latency = latency;
})();
