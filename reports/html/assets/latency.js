/*
 * Percentile curves on HdrHistogram's axis: x is 1 / (1 - p), logarithmic, so that each further nine takes the same
 * width.
 */

const drawLatency = (() => {
  "use strict";

  const { absent, axis, decades, draw, findAll, gutter, legend, line, logarithmic } = plots;

  /** One digit more than the nines need, none at the nines themselves. @param {number} x */
  const percentile = (x) => {
    const nines = Math.log10(x);
    const digits = Number.isInteger(nines) ? Math.max(nines - 2, 0) : Math.max(Math.ceil(nines) - 1, 1);
    return `${(100 * (1 - 1 / x)).toFixed(digits)} %`;
  };

  /**
   * The curve's height at x, between its points along a straight line.
   * @param {PercentileCurve} curve
   * @param {number} x
   */
  function at({ x: xs, y: ys }, x) {
    const i = xs.findIndex((one) => one >= x);
    const [from, to, low, high] = [xs[i - 1], xs[i], ys[i - 1], ys[i]];
    if (to === undefined || high === undefined) return null;
    if (to === x || to === from) return high;
    return from === undefined || low === undefined ? null : low + ((x - from) / (to - from)) * (high - low);
  }

  /**
   * @param {HTMLElement} target
   * @param {readonly PercentileCurve[]} curves
   * @param {number} height
   * @param {[least: number, most: number]} range
   */
  function plot(target, curves, height, range) {
    const xs = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
    const end = Math.max(10, ...xs);
    /** @type {Omit<uPlot.Options, "width">} */
    const options = {
      height,
      padding: [6, 14, 0, 0],
      legend: legend(curves),
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        sync: { key: "latency", scales: ["x", null] },
      },
      scales: {
        x: { time: false, distr: 3, log: 10, range: () => [1, end] },
        y: { ...logarithmic.scale, range: () => range },
      },
      axes: [
        axis({
          size: 26,
          splits: () => decades(1, end).filter((x) => Number.isInteger(Math.log10(x))),
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
        ...curves.map((curve) => ({ ...line(curve, curve.weight, "ms"), spanGaps: true })),
      ],
    };
    return draw(target, options, [xs, ...curves.map((curve) => xs.map((x) => at(curve, x)))]);
  }

  /** @param {CurvesData} curves */
  return (curves) => {
    const values = Object.values(curves).flatMap((some) => some.flatMap(({ y }) => y.filter((value) => value > 0)));
    const least = values.reduce((a, b) => Math.min(a, b), Infinity);
    const most = values.reduce((a, b) => Math.max(a, b), 0);
    for (const target of findAll("[data-curves]")) {
      const some = curves[target.dataset["curves"] ?? ""] ?? [];
      if (some.some(({ x }) => x.length > 0))
        plot(target, some, target.closest(".triple") ? 220 : 320, [least / 1.3, most * 1.3]);
    }
  };
})();
