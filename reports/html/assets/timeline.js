/* The timeline: lanes of faults and a plot for each series, with one x axis, one cursor and one zoom for all. */
// @ts-nocheck -- runs in a browser, which the types of this project do not describe
(() => {
  "use strict";

  const { uPlot, plots } = globalThis;
  const { absent, amount, axis, clock, colour, draw, faults, legend, line, linear, logarithmic } = plots;

  /** What all members show together: the stretch of time, the fault that is looked at, the life that was asked for. */
  function shared(timeline, xs, pill) {
    const members = [];
    const all = { min: xs[0], max: xs[xs.length - 1] };
    const long = all.max - all.min > 300;
    let zooming = false;
    const share = {
      members,
      long,
      timeline,
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
        if (key !== "x" || zooming) return;
        zooming = true;
        const { min, max } = u.scales.x;
        for (const other of members)
          if (other !== u && (other.scales.x.min !== min || other.scales.x.max !== max))
            other.setScale("x", { min, max });
        zooming = false;
        pill.hidden = min <= all.min && max >= all.max;
        pill.querySelector("output").textContent = `${clock(min, long)} to ${clock(max, long)}`;
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
    pill.querySelector("button").addEventListener("click", () => {
      share.life = undefined;
      share.zoom(all.min, all.max);
    });
    return share;
  }

  /** Each line on top of those before it. */
  function summed(lines) {
    const sums = [];
    for (const { values } of lines)
      sums.push(values.map((value, i) => (value ?? 0) + (sums[sums.length - 1]?.[i] ?? 0)));
    return sums;
  }

  function seriesPlot(target, { unit, at, lines, stacked }, share, families, named) {
    const shape = unit === "ms" ? logarithmic : linear;
    const positive = (values) => (unit === "ms" ? values.map((value) => (value > 0 ? value : null)) : values);
    const options = {
      height: unit === "processes" ? 120 : 190,
      padding: [named ? 4 : 6, 8, 0, 0],
      legend,
      cursor: share.cursor,
      scales: { x: { time: false }, y: shape.scale },
      axes: [share.x, axis(shape.axis)],
      bands: stacked ? lines.slice(1).map((_, i) => ({ series: [i + 2, i + 1] })) : [],
      series: [
        { label: "at", value: (_, second) => (absent(second) ? "" : clock(second, share.long)) },
        ...lines.map(({ label, colour: name, values }) => ({
          ...line({ label, colour: name, unit, weight: "part" }),
          ...(name === "quiet" && { fill: () => `${colour("quiet")}38`, width: 1 }),
          ...(unit === "processes" && { paths: uPlot.paths.stepped({ align: 1 }) }),
          ...(stacked && {
            fill: () => `${colour(name)}60`,
            width: 1,
            value: (_, sum, __, i) => (absent(i) ? "" : amount(values[i], unit)),
          }),
        })),
      ],
      hooks: {
        drawClear: [(u) => faults.shade(u, share, families)],
        draw: [(u) => faults.marks(u, share, named)],
        setScale: [share.zoomed],
      },
    };
    return draw(target, options, [at, ...(stacked ? summed(lines) : lines.map(({ values }) => positive(values)))]);
  }

  /** Links to a job's life on the timeline: all plots show that time, with a line at its beginning and its end. */
  function followLives(share) {
    for (const link of document.querySelectorAll("a[data-from]"))
      link.addEventListener("click", () => {
        const life = { from: Number(link.dataset.from), to: Number(link.dataset.to), name: link.dataset.name };
        const around = Math.max(1.5, (life.to - life.from) * 0.4);
        share.life = life;
        share.zoom(life.from - around, life.to + around);
        for (const u of share.members) u.redraw(false);
      });
  }

  function timeline(data) {
    const series = Object.values(data.series);
    const xs = series[0]?.at ?? [0, Math.max(data.drainTo, 1)];
    const share = shared(data, xs, document.querySelector(".zoomed"));
    const families = Object.entries(Object.groupBy(data.rows, ({ family }) => family)).map(([family, rows]) => ({
      family,
      stretches: faults.united(rows.flatMap((row) => row.faults)),
    }));
    const lane = document.querySelector("[data-faults]");
    if (lane) share.members.push(faults.plot(lane, xs, share, families, document.querySelector(".faults output")));
    document.querySelectorAll("[data-series]").forEach((target, i) => {
      const one = data.series[target.dataset.series];
      if (one.at.length > 0) share.members.push(seriesPlot(target, one, share, families, i === 0));
    });
    followLives(share);
  }

  plots.timeline = timeline;
})();
