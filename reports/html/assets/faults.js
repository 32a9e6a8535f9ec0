/* Faults on the timeline: a lane plot of all of them, and their shade and other marks in every plot. */
// @ts-nocheck -- runs in a browser, which the types of this project do not describe
(() => {
  "use strict";

  const { plots } = globalThis;
  const { axis, clock, colour, draw, gutter } = plots;

  /** The times in which any of these faults was in force, each once: many thin layers on top of each other hide the plot. */
  function united(faults) {
    const stretches = [];
    for (const { from, to } of [...faults].sort((a, b) => a.from - b.from)) {
      const last = stretches[stretches.length - 1];
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else stretches.push({ from, to });
    }
    return stretches;
  }

  function clipped(u, drawing) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    drawing(ctx, bbox, devicePixelRatio);
    ctx.restore();
  }

  function shade(u, share, families) {
    clipped(u, (ctx, bbox) => {
      const fill = ({ from, to }, alpha) => {
        const left = u.valToPos(from, "x", true);
        ctx.globalAlpha = alpha;
        ctx.fillRect(left, bbox.top, Math.max(u.valToPos(to, "x", true) - left, devicePixelRatio), bbox.height);
      };
      for (const { family, stretches } of families) {
        ctx.fillStyle = colour(family);
        for (const stretch of stretches) fill(stretch, 0.075);
      }
      if (share.focus === undefined) return;
      ctx.fillStyle = colour(share.focus.family);
      fill(share.focus, 0.3);
    });
  }

  function marks(u, share, named) {
    const { timeline, life } = share;
    clipped(u, (ctx, bbox, ratio) => {
      ctx.font = `${11 * ratio}px ${colour("font")}`;
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      const mark = (at, name, ink, dash) => {
        const x = Math.round(u.valToPos(at, "x", true)) + 0.5;
        ctx.strokeStyle = ctx.fillStyle = colour(ink);
        ctx.setLineDash(dash.map((length) => length * ratio));
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        const wide = ctx.measureText(name).width;
        if (named && x + 4 * ratio + wide < bbox.left + bbox.width)
          ctx.fillText(name, x + 4 * ratio, bbox.top + 10 * ratio);
      };
      mark(timeline.loadTo, "load ends", "soft", [2, 3]);
      mark(timeline.drainTo, "drained", "soft", [2, 3]);
      if (life === undefined) return;
      mark(life.from, life.name, "ink", []);
      mark(life.to, "", "ink", []);
    });
  }

  const nameHeight = 17;
  const barHeight = 8;
  const barStep = 11;

  /** A row for each kind of fault: its name, and under it a bar for each time, in as many lanes as overlap. */
  function layout(rows) {
    let top = 0;
    const placed = rows.map(({ name, family, faults }) => {
      const ends = [];
      const bars = faults.map((fault) => {
        const free = ends.findIndex((end) => end <= fault.from);
        const lane = free === -1 ? ends.length : free;
        ends[lane] = fault.to;
        return { ...fault, family, lane, top: top + nameHeight + lane * barStep };
      });
      const row = { name, family, bars, top };
      top += nameHeight + ends.length * barStep + 5;
      return row;
    });
    return { rows: placed, height: top };
  }

  function bars(u, { rows }, share) {
    clipped(u, (ctx, bbox, ratio) => {
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      for (const { name, family, bars: all, top } of rows) {
        const baseline = bbox.top + (top + 13) * ratio;
        ctx.font = `${12 * ratio}px ${colour("font")}`;
        ctx.fillStyle = colour("ink");
        ctx.fillText(name, bbox.left, baseline);
        const { width } = ctx.measureText(`${name} `);
        ctx.fillStyle = colour("soft");
        ctx.fillText(`× ${all.length}`, bbox.left + width, baseline);
        ctx.font = `${10 * ratio}px ${colour("font")}`;
        for (const bar of all) {
          const left = u.valToPos(bar.from, "x", true);
          const right = Math.max(u.valToPos(bar.to, "x", true), left + 3 * ratio);
          const y = bbox.top + bar.top * ratio;
          ctx.fillStyle = colour(family);
          ctx.globalAlpha = share.focus === undefined || share.focus.id === bar.id ? 1 : 0.45;
          ctx.fillRect(left, y, right - left, barHeight * ratio);
          ctx.globalAlpha = 1;
          const next = all.find(({ lane, from }) => lane === bar.lane && from > bar.from);
          const end = next === undefined ? bbox.left + bbox.width : u.valToPos(next.from, "x", true);
          ctx.fillStyle = colour("soft");
          if (right + 3 * ratio + ctx.measureText(bar.label).width < end)
            ctx.fillText(bar.label, right + 3 * ratio, y + barHeight * ratio);
        }
      }
    });
  }

  const nearPx = 4;

  function under(u, { rows }, left, top) {
    for (const { bars: all } of rows)
      for (const bar of all) {
        const [from, to] = [u.valToPos(bar.from, "x"), u.valToPos(bar.to, "x")];
        if (top >= bar.top - 2 && top <= bar.top + barHeight + 2 && left >= from - nearPx && left <= to + nearPx)
          return bar;
      }
    return undefined;
  }

  const toldMost = 3;

  function faultsPlot(target, xs, share, families, output) {
    const lanes = layout(share.timeline.rows);
    const all = lanes.rows.flatMap((row) => row.bars);
    const tell = (u) => {
      if (u.cursor.left < 0) return (output.textContent = "");
      if (share.focus !== undefined) {
        const { id, told, from, to } = share.focus;
        return (output.textContent = `${id}: ${told}, ${clock(from, share.long)} to ${clock(to, share.long)}`);
      }
      const at = u.posToVal(u.cursor.left, "x");
      const now = all.filter(({ from, to }) => from <= at && at <= to);
      const more = now.length > toldMost ? ` and ${now.length - toldMost} more` : "";
      const list = now.slice(0, toldMost).map(({ id, told }) => `${id} (${told})`);
      output.textContent = `at ${clock(at, share.long)}: ${list.join(", ") || "none"}${more}`;
    };
    const options = {
      height: lanes.height + 30,
      padding: [0, 8, 0, 0],
      legend: { show: false },
      cursor: { ...share.cursor, points: { show: false } },
      scales: { x: { time: false }, y: { range: [0, 1] } },
      axes: [share.x, axis({ size: gutter, grid: { show: false }, values: () => [] })],
      series: [{}, { points: { show: false } }],
      hooks: {
        drawClear: [(u) => shade(u, share, families)],
        draw: [(u) => bars(u, lanes, share), (u) => marks(u, share, false)],
        setScale: [share.zoomed],
        setCursor: [tell],
      },
    };
    const u = draw(target, options, [xs, xs.map(() => null)]);
    const at = ({ offsetX, offsetY }) => under(u, lanes, offsetX, offsetY);
    u.over.addEventListener("mousemove", (event) => {
      share.show(at(event));
      u.over.style.cursor = share.focus === undefined ? "" : "pointer";
      tell(u);
    });
    u.over.addEventListener("mouseleave", () => share.show(undefined));
    u.over.addEventListener("click", (event) => {
      const bar = at(event);
      if (bar !== undefined) location.hash = bar.anchor;
    });
    return u;
  }

  plots.faults = { marks, plot: faultsPlot, shade, united };
})();
