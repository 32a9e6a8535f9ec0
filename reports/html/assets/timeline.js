/* The timeline: a lane of faults and a plot for each series, with one x axis, one cursor and one zoom for all. */
// @ts-nocheck -- runs in a browser, which the types of this project do not describe
(() => {
  "use strict";

  const { uPlot, plots } = globalThis;
  const { absent, axis, clock, colour, draw, gutter, legend, line, linear, logarithmic } = plots;

  function shared(timeline, xs) {
    let zooming = false;
    const members = [];
    const long = xs[xs.length - 1] - xs[0] > 300;
    return {
      members,
      long,
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
      },
    };
  }

  function shade(u, timeline) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.globalAlpha = 0.11;
    for (const fault of timeline.faults) {
      const left = u.valToPos(fault.from, "x", true);
      ctx.fillStyle = colour(fault.effect);
      ctx.fillRect(left, bbox.top, Math.max(u.valToPos(fault.to, "x", true) - left, 1), bbox.height);
    }
    ctx.restore();
  }

  function marks(u, timeline, named) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour("soft");
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.font = `${11 * ratio}px ${colour("font")}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    for (const [at, name] of [
      [timeline.loadTo, "load ends"],
      [timeline.drainTo, "drained"],
    ]) {
      const x = Math.round(u.valToPos(at, "x", true)) + 0.5;
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const wide = ctx.measureText(name).width;
      if (named && x + 4 * ratio + wide < bbox.left + bbox.width)
        ctx.fillText(name, x + 4 * ratio, bbox.top + 10 * ratio);
    }
    ctx.restore();
  }

  const rowHeight = 33;

  /** A row for each kind of fault: its name, and a bar for each time that it was in force, with its number. */
  function bars(u, timeline, kinds) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${12 * ratio}px ${colour("font")}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    kinds.forEach((kind, row) => {
      const top = bbox.top + row * rowHeight * ratio;
      const faults = timeline.faults.filter(({ fault }) => fault === kind);
      ctx.fillStyle = colour("ink");
      ctx.fillText(kind, bbox.left, top + 14 * ratio);
      const { width } = ctx.measureText(`${kind} `);
      ctx.fillStyle = colour("soft");
      ctx.fillText(`× ${faults.length}`, bbox.left + width, top + 14 * ratio);
      faults.forEach((fault, i) => {
        const left = u.valToPos(fault.from, "x", true);
        const right = Math.max(u.valToPos(fault.to, "x", true), left + 3 * ratio);
        ctx.fillStyle = colour(fault.effect);
        ctx.fillRect(left, top + 19 * ratio, right - left, 9 * ratio);
        const number = fault.id.startsWith(`${kind}-`) ? fault.id.slice(kind.length + 1) : "";
        const next = faults[i + 1] === undefined ? Infinity : u.valToPos(faults[i + 1].from, "x", true);
        ctx.fillStyle = colour("soft");
        if (right + 4 * ratio + ctx.measureText(number).width < next)
          ctx.fillText(number, right + 4 * ratio, top + 27.5 * ratio);
      });
    });
    ctx.restore();
  }

  function faultsPlot(target, timeline, xs, share, output) {
    const kinds = [...new Set(timeline.faults.map(({ fault }) => fault))];
    const tell = (u) => {
      const at = u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : undefined;
      const now = at === undefined ? [] : timeline.faults.filter(({ from, to }) => from <= at && at <= to);
      output.textContent =
        at === undefined
          ? ""
          : `at ${clock(at, share.long)}: ${now.map(({ id, touches }) => `${id} (${touches})`).join(", ") || "none"}`;
    };
    const options = {
      height: kinds.length * rowHeight + 34,
      padding: [0, 8, 0, 0],
      legend: { show: false },
      cursor: { ...share.cursor, points: { show: false } },
      scales: { x: { time: false }, y: { range: [0, 1] } },
      axes: [share.x, axis({ size: gutter, grid: { show: false }, values: () => [] })],
      series: [{}, { points: { show: false } }],
      hooks: {
        drawClear: [(u) => shade(u, timeline)],
        draw: [(u) => bars(u, timeline, kinds), (u) => marks(u, timeline, false)],
        setScale: [share.zoomed],
        setCursor: [tell],
      },
    };
    return draw(target, options, [xs, xs.map(() => null)]);
  }

  function seriesPlot(target, timeline, { unit, at, lines }, share, first) {
    const shape = unit === "ms" ? logarithmic : linear;
    const positive = (values) => (unit === "ms" ? values.map((value) => (value > 0 ? value : null)) : values);
    const options = {
      height: unit === "processes" ? 120 : 190,
      padding: [first ? 4 : 6, 8, 0, 0],
      legend,
      cursor: share.cursor,
      scales: { x: { time: false }, y: shape.scale },
      axes: [share.x, axis(shape.axis)],
      series: [
        { label: "at", value: (_, second) => (absent(second) ? "" : clock(second, share.long)) },
        ...lines.map(({ label, colour: name }) => ({
          ...line({ label, colour: name, unit, weight: "part" }),
          ...(name === "quiet" && { fill: () => `${colour("quiet")}38`, width: 1 }),
          ...(unit === "processes" && { paths: uPlot.paths.stepped({ align: 1 }) }),
        })),
      ],
      hooks: {
        drawClear: [(u) => shade(u, timeline)],
        draw: [(u) => marks(u, timeline, first)],
        setScale: [share.zoomed],
      },
    };
    return draw(target, options, [at, ...lines.map(({ values }) => positive(values))]);
  }

  function timeline(root, data) {
    const series = Object.values(data.series);
    const xs = series[0]?.at ?? [0, Math.max(data.drainTo, 1)];
    const share = shared(data, xs);
    const lane = root.querySelector("[data-faults]");
    if (lane) share.members.push(faultsPlot(lane, data, xs, share, root.querySelector("output")));
    root.querySelectorAll("[data-series]").forEach((target, i) => {
      share.members.push(seriesPlot(target, data, data.series[target.dataset.series], share, i === 0));
    });
  }

  plots.timeline = timeline;
})();
