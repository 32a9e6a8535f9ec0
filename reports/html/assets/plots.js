/*
 * What all plots of report.html share: axes, figures, lines, legends on uPlot. A classic script, because the page is one
 * file: it leaves `plots` to those after it. Colours are read from the style sheet at each drawing, so that dark, light
 * and print are one code.
 */
// @ts-nocheck -- runs in a browser, which the types of this project do not describe
globalThis.plots = (() => {
  "use strict";

  const { uPlot } = globalThis;
  const absent = (value) => value === null || value === undefined;
  const all = [];
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const font = () => `12px ${colour("font")}`;
  const gutter = 62;

  const decimals = (value) =>
    value === 0 || Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : Math.abs(value) >= 0.9995 ? 2 : 3;
  const grouped = (value, digits) =>
    value.toLocaleString("en-US", { maximumFractionDigits: digits }).replaceAll(",", "\u2009");
  const amount = (value, unit) =>
    absent(value)
      ? ""
      : unit === "ms"
        ? `${grouped(value, decimals(value))} ms`
        : unit === "%"
          ? `${grouped(value, 0)} %`
          : grouped(value, 1);
  const clock = (seconds, long) => {
    if (!long) return `${grouped(seconds, 2)} s`;
    const rest = Math.abs(seconds % 60);
    return `${Math.trunc(seconds / 60)}:${String(Math.floor(rest)).padStart(2, "0")}`;
  };

  function axis(more) {
    return {
      font: font(),
      stroke: () => colour("soft"),
      grid: { stroke: () => colour("line"), width: 1 },
      ticks: { show: false },
      gap: 6,
      ...more,
    };
  }

  /** 1, 2, 5 in each decade where there is room, else the decades alone. */
  function decades(min, max) {
    const factors = Math.log10(max / min) > 2.2 ? [1] : [1, 2, 5];
    const splits = [];
    for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++)
      for (const factor of factors) {
        const value = factor * 10 ** power;
        if (value >= min && value <= max) splits.push(Number(value.toPrecision(1)));
      }
    return splits;
  }

  const logarithmic = {
    scale: {
      distr: 3,
      log: 10,
      range: (_, min, max) => (absent(min) || !(min > 0) ? [1, 10] : [min / 1.2, max * 1.2]),
    },
    axis: {
      size: gutter,
      splits: (_, __, min, max) => decades(min, max),
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map((value) => grouped(value, 3)),
    },
  };
  const linear = {
    scale: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    axis: {
      size: gutter,
      space: 34,
      values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? grouped(value, 0) : "")),
    },
  };

  function line({ label, colour: name, unit, weight }) {
    const thin = weight === "uncorrected";
    return {
      label,
      stroke: () => colour(name),
      width: weight === "whole" ? 2.2 : thin ? 1 : 1.6,
      dash: thin ? [5, 4] : weight === "at least" ? [2, 3] : undefined,
      points: { show: false },
      value: (_, value) => amount(value, unit),
      markerColour: `var(--${name})`,
    };
  }

  const legend = {
    live: true,
    markers: {
      width: 2.5,
      dash: (u, i) => (u.series[i].dash === undefined ? "solid" : "dashed"),
      stroke: (u, i) => u.series[i].markerColour ?? "transparent",
      fill: () => "transparent",
    },
  };

  function draw(target, options, data) {
    const u = new uPlot({ width: Math.max(target.clientWidth, 200), legend, ...options }, data, target);
    all.push({ u, target });
    new ResizeObserver(() => {
      if (target.clientWidth > 0 && target.clientWidth !== u.width)
        u.setSize({ width: target.clientWidth, height: u.height });
    }).observe(target);
    return u;
  }

  return {
    absent,
    amount,
    axis,
    clock,
    colour,
    decades,
    draw,
    drawn: () => all,
    gutter,
    legend,
    line,
    linear,
    logarithmic,
    redraw: () => all.forEach(({ u }) => u.redraw(false, true)),
    /** For paper, whose width no observer tells in time; without a width, for the screen again. */
    resize: (width) =>
      all.forEach(({ u, target }) =>
        u.setSize({ width: Math.min(width ?? Infinity, target.clientWidth), height: u.height }),
      ),
  };
})();
