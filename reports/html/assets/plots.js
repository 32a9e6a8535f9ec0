/*
 * What all plots of report.html share: axes, figures, lines, legends on uPlot. Classic scripts, because the page is one
 * file: what one declares at its top those after it know, `plots` first of all. Colours are read from the style sheet
 * at each drawing, so that dark, light and print are one code.
 */
/**
 * What they read is what the page's writer writes: these names are known to all of them.
 *
 * @import { Unit } from "../../../measures/contract.ts"
 * @import { Band, Colour, ComparisonData, PercentileCurve, CurvesData, Line, PageData } from "../data.ts"
 * @import { SeriesData, TimelineData } from "../data.ts"
 * @import { Family } from "../families.ts"
 */
/** A custom property of the style sheet. @typedef {Colour | Family | "soft" | "line" | "font"} Property */
/** A plot, and the element that it stands in. @typedef {{ readonly u: uPlot, readonly target: HTMLElement }} Drawn */
/** @typedef {{ readonly scale: uPlot.Scale, readonly axis: uPlot.Axis }} Vertical */
/** @typedef {{ readonly label: string, readonly colour: Colour }} Look */

const plots = (() => {
  "use strict";

  /** @param {unknown} value @returns {value is null | undefined} */
  const absent = (value) => value === null || value === undefined;

  /** @type {Drawn[]} */
  const all = [];

  /** @param {Property} name */
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const font = () => `12px ${colour("font")}`;
  const gutter = 62;

  /** @param {string} selector */
  const findAll = (selector) =>
    [...document.querySelectorAll(selector)].filter((element) => element instanceof HTMLElement);

  /** What has to be in the page. @param {string} selector @param {ParentNode} within */
  function find(selector, within = document) {
    const found = within.querySelector(selector);
    if (found instanceof HTMLElement) return found;
    throw new Error(`the page has no ${selector}`);
  }

  /** @param {number} value */
  const decimals = (value) =>
    value === 0 || Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : Math.abs(value) >= 0.9995 ? 2 : 3;
  /** @param {number} value @param {number} digits */
  const grouped = (value, digits) =>
    value.toLocaleString("en-US", { maximumFractionDigits: digits }).replaceAll(",", "\u2009");
  /** @param {number | null | undefined} value @param {Unit} unit */
  const amount = (value, unit) =>
    absent(value)
      ? ""
      : unit === "ms"
        ? `${grouped(value, decimals(value))} ms`
        : unit === "%"
          ? `${grouped(value, 0)} %`
          : grouped(value, 1);
  /** @param {number} seconds @param {boolean} long whether minutes are told, too */
  const clock = (seconds, long) => {
    if (!long) return `${grouped(seconds, 2)} s`;
    const rest = Math.abs(seconds % 60);
    return `${Math.trunc(seconds / 60)}:${String(Math.floor(rest)).padStart(2, "0")}`;
  };

  /** @param {uPlot.Axis} more @returns {uPlot.Axis} */
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

  /** 1, 2, 5 in each decade where there is room, else the decades alone. @param {number} min @param {number} max */
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

  /** @type {Vertical} */
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
  /** @type {Vertical} */
  const linear = {
    scale: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    axis: {
      size: gutter,
      space: 34,
      values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? grouped(value, 0) : "")),
    },
  };

  /** @param {Look} look @param {PercentileCurve["weight"]} weight @param {Unit} unit @returns {uPlot.Series} */
  function line({ label, colour: name }, weight, unit) {
    const thin = weight === "uncorrected";
    return {
      label,
      stroke: () => colour(name),
      width: weight === "whole" ? 2.2 : thin ? 1 : 1.6,
      ...(thin ? { dash: [5, 4] } : weight === "at least" && { dash: [2, 3] }),
      points: { show: false },
      value: (_, value) => amount(value, unit),
    };
  }

  /**
   * Of these lines, which follow the axis in a plot's series.
   * @param {readonly Look[]} lines
   * @returns {uPlot.Legend}
   */
  function legend(lines) {
    /** @param {number} i */
    const stroke = (i) => (lines[i - 1] === undefined ? "transparent" : `var(--${lines[i - 1]?.colour})`);
    return {
      live: true,
      markers: {
        width: 2.5,
        dash: (u, i) => (u.series[i]?.dash === undefined ? "solid" : "dashed"),
        stroke: (_, i) => stroke(i),
        fill: () => "transparent",
      },
    };
  }

  /** @param {HTMLElement} target @param {Omit<uPlot.Options, "width">} options @param {uPlot.AlignedData} values */
  function draw(target, options, values) {
    const u = new uPlot({ width: Math.max(target.clientWidth, 200), ...options }, values, target);
    all.push({ u, target });
    new ResizeObserver(() => {
      if (target.clientWidth > 0 && target.clientWidth !== u.width)
        u.setSize({ width: target.clientWidth, height: u.height });
    }).observe(target);
    return u;
  }

  /**
   * For paper, whose width no observer tells in time; without a width, for the screen again.
   * @param {number} [width]
   */
  function resize(width = Infinity) {
    for (const { u, target } of all) u.setSize({ width: Math.min(width, target.clientWidth), height: u.height });
  }

  function redraw() {
    for (const { u } of all) u.redraw(false, true);
  }

  /** Dark, light and paper have colours of their own. */
  function followColours() {
    for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", redraw);
  }

  return {
    absent,
    amount,
    axis,
    clock,
    colour,
    decades,
    draw,
    /** @returns {readonly Drawn[]} */
    drawn: () => all,
    find,
    findAll,
    followColours,
    gutter,
    legend,
    line,
    linear,
    logarithmic,
    resize,
  };
})();
