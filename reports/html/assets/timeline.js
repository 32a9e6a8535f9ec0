/* The timeline: lanes of faults and a plot for each series, with one x axis, one cursor and one zoom for all. */

const drawTimeline = (() => {
  "use strict";

  const { absent, amount, axis, clock, colour, draw, find, findAll, legend, line, linear, logarithmic } = plots;

  /** @param {TimelineData["rows"]} rows @returns {readonly Shade[]} */
  const shades = (rows) =>
    [...Map.groupBy(rows, ({ family }) => family)].map(([family, some]) => ({
      family,
      stretches: faults.united(some.flatMap((row) => row.faults)),
    }));

  /** @param {TimelineData} timeline @param {readonly number[]} xs @param {HTMLElement} pill @returns {Share} */
  function shared(timeline, xs, pill) {
    /** @type {uPlot[]} */
    const members = [];
    const all = { min: xs[0] ?? 0, max: xs.at(-1) ?? 1 };
    const long = all.max - all.min > 300;
    let zooming = false;
    /** @type {Share} */
    const share = {
      members,
      long,
      timeline,
      families: shades(timeline.rows),
      focus: undefined,
      life: undefined,
      cursor: {
        y: false,
        sync: { key: "timeline", scales: ["x", null] },
        drag: { x: true, y: false },
        points: { size: 7 },
      },
      x: axis({ size: 26, space: 70, values: (_, splits) => splits.map((second) => clock(second, long)) }),
      zoomed(u, key) {
        const { min, max } = u.scales["x"] ?? {};
        if (key !== "x" || zooming || absent(min) || absent(max)) return;
        zooming = true;
        for (const other of members)
          if (other !== u && (other.scales["x"]?.min !== min || other.scales["x"]?.max !== max))
            other.setScale("x", { min, max });
        zooming = false;
        pill.hidden = min <= all.min && max >= all.max;
        find("output", pill).textContent = `${clock(min, long)} to ${clock(max, long)}`;
      },
      zoom(from, to) {
        members[0]?.setScale("x", { min: Math.max(from, all.min), max: Math.min(to, all.max) });
      },
      show(focus) {
        if (focus === share.focus) return;
        share.focus = focus;
        for (const u of members) u.redraw(false);
      },
    };
    find("button", pill).addEventListener("click", () => {
      share.life = undefined;
      share.zoom(all.min, all.max);
    });
    return share;
  }

  /** Each line on top of those before it. @param {readonly Line[]} lines */
  function summed(lines) {
    /** @type {number[][]} */
    const sums = [];
    for (const { values } of lines) sums.push(values.map((value, i) => (value ?? 0) + (sums.at(-1)?.[i] ?? 0)));
    return sums;
  }

  /** A logarithmic axis has no place for nothing. @param {SeriesData} series */
  const plotted = ({ unit, lines }) =>
    lines.map(({ values }) => values.map((value) => (unit === "ms" && !(value !== null && value > 0) ? null : value)));

  /** @param {SeriesData} series @param {Line} one @returns {uPlot.Series} */
  function lineOf({ unit, stacked }, one) {
    return {
      ...line(one, "part", unit),
      ...(one.colour === "quiet" && { fill: () => `${colour("quiet")}38`, width: 1 }),
      ...(unit === "processes" && uPlot.paths.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
      ...(stacked && {
        fill: () => `${colour(one.colour)}60`,
        width: 1,
        value: (_, __, ___, i) => (absent(i) ? "" : amount(one.values[i], unit)),
      }),
    };
  }

  /** @param {HTMLElement} target @param {SeriesData} series @param {Share} share @param {boolean} named */
  function plot(target, series, share, named) {
    const { unit, at, lines, stacked } = series;
    const shape = unit === "ms" ? logarithmic : linear;
    /** @type {Omit<uPlot.Options, "width">} */
    const options = {
      height: unit === "processes" ? 120 : 190,
      padding: [named ? 4 : 6, 8, 0, 0],
      legend: legend(lines),
      cursor: share.cursor,
      scales: { x: { time: false }, y: shape.scale },
      axes: [share.x, axis(shape.axis)],
      bands: stacked ? lines.slice(1).map((_, i) => ({ series: [i + 2, i + 1] })) : [],
      series: [
        { label: "at", value: (_, second) => (absent(second) ? "" : clock(second, share.long)) },
        ...lines.map((one) => lineOf(series, one)),
      ],
      hooks: {
        drawClear: [(u) => faults.shade(u, share)],
        draw: [(u) => faults.marks(u, share, named)],
        setScale: [share.zoomed],
      },
    };
    return draw(target, options, [[...at], ...(stacked ? summed(lines) : plotted(series))]);
  }

  /**
   * Links to a job's life on the timeline: all plots show that time, with a line at its beginning and its end.
   * @param {Share} share
   */
  function followLives(share) {
    for (const link of findAll("a[data-from]"))
      link.addEventListener("click", () => {
        const { from, to, name = "" } = link.dataset;
        const life = { from: Number(from), to: Number(to), name };
        const around = Math.max(1.5, (life.to - life.from) * 0.4);
        share.life = life;
        share.zoom(life.from - around, life.to + around);
        for (const u of share.members) u.redraw(false);
      });
  }

  /** @param {TimelineData} timeline */
  return (timeline) => {
    const xs = Object.values(timeline.series)[0]?.at ?? [0, Math.max(timeline.drainTo, 1)];
    const share = shared(timeline, xs, find(".zoomed"));
    for (const lane of findAll("[data-faults]"))
      share.members.push(faults.plot(lane, xs, share, find(".faults output")));
    for (const [i, target] of findAll("[data-series]").entries()) {
      const one = timeline.series[target.dataset["series"] ?? ""];
      if (one !== undefined && one.at.length > 0) share.members.push(plot(target, one, share, i === 0));
    }
    followLives(share);
  };
})();
