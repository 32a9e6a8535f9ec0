/* Faults on the timeline: a lane plot of all of them, and their shade and other marks in every plot. */
/** Seconds since the load began. @typedef {{ readonly from: number, readonly to: number }} Stretch */
/** A fault as it lies in its lane. @typedef {Band & { readonly family: Family, lane: number, top: number }} Bar */
/** When a family had faults in force. @typedef {{ family: Family, stretches: readonly Stretch[] }} Shade */
/**
 * What all plots of the timeline show together.
 * @typedef {object} Share
 * @property {TimelineData} timeline
 * @property {readonly Shade[]} families
 * @property {uPlot[]} members
 * @property {boolean} long whether minutes are told, too
 * @property {Bar | undefined} focus the fault that is looked at
 * @property {Stretch & { readonly name: string } | undefined} life the job's life that was asked for
 * @property {uPlot.Cursor} cursor
 * @property {uPlot.Axis} x
 * @property {(u: uPlot, key: string) => void} zoomed
 * @property {(from: number, to: number) => void} zoom
 * @property {(focus: Bar | undefined) => void} show
 */

const faults = (() => {
  "use strict";

  const { axis, clock, colour, draw, gutter } = plots;

  /**
   * The times in which any of these faults was in force, each once: many thin layers on top of each other hide the
   * plot.
   * @param {readonly Stretch[]} some
   */
  function united(some) {
    /** @type {{ from: number, to: number }[]} */
    const stretches = [];
    for (const { from, to } of [...some].sort((a, b) => a.from - b.from)) {
      const last = stretches.at(-1);
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else stretches.push({ from, to });
    }
    return stretches;
  }

  /** @param {uPlot} u @param {(ctx: CanvasRenderingContext2D, bbox: uPlot.BBox, ratio: number) => void} drawing */
  function clipped(u, drawing) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    drawing(ctx, bbox, devicePixelRatio);
    ctx.restore();
  }

  /** @param {uPlot} u @param {Share} share */
  function shade(u, share) {
    clipped(u, (ctx, bbox) => {
      /** @param {Stretch} stretch @param {number} alpha */
      const fill = ({ from, to }, alpha) => {
        const left = u.valToPos(from, "x", true);
        ctx.globalAlpha = alpha;
        ctx.fillRect(left, bbox.top, Math.max(u.valToPos(to, "x", true) - left, devicePixelRatio), bbox.height);
      };
      for (const { family, stretches } of share.families) {
        ctx.fillStyle = colour(family);
        for (const stretch of stretches) fill(stretch, 0.075);
      }
      if (share.focus === undefined) return;
      ctx.fillStyle = colour(share.focus.family);
      fill(share.focus, 0.3);
    });
  }

  /** @param {uPlot} u @param {Share} share @param {boolean} named */
  function marks(u, share, named) {
    const { timeline, life } = share;
    clipped(u, (ctx, bbox, ratio) => {
      ctx.font = `${11 * ratio}px ${colour("font")}`;
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      /** @param {number} at @param {string} name @param {"soft" | "ink"} ink @param {readonly number[]} dash */
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

  /**
   * A row for each kind of fault: its name, and under it a bar for each time, in as many lanes as overlap.
   * @param {TimelineData["rows"]} rows
   */
  function layout(rows) {
    let top = 0;
    const placed = rows.map(({ name, family, faults: all }) => {
      /** @type {number[]} */
      const ends = [];
      const bars = all.map((fault) => {
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

  /** @typedef {ReturnType<typeof layout>["rows"]} Rows */

  /** @param {uPlot} u @param {Rows} rows @param {Share} share */
  function bars(u, rows, share) {
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

  /** The bar at this place of the plot. @param {uPlot} u @param {Rows} rows @param {MouseEvent} place */
  function under(u, rows, { offsetX: left, offsetY: top }) {
    for (const { bars: all } of rows)
      for (const bar of all) {
        const [from, to] = [u.valToPos(bar.from, "x"), u.valToPos(bar.to, "x")];
        if (top >= bar.top - 2 && top <= bar.top + barHeight + 2 && left >= from - nearPx && left <= to + nearPx)
          return bar;
      }
    return undefined;
  }

  const toldMost = 3;

  /**
   * Whom the fault at the pointer hit, or what is in force then.
   * @param {uPlot} u
   * @param {Rows} rows
   * @param {Share} share
   */
  function told(u, rows, { focus, long }) {
    const { left = -1 } = u.cursor;
    if (left < 0) return "";
    if (focus !== undefined)
      return `${focus.id}: ${focus.told}, ${clock(focus.from, long)} to ${clock(focus.to, long)}`;
    const at = u.posToVal(left, "x");
    const now = rows.flatMap((row) => row.bars).filter(({ from, to }) => from <= at && at <= to);
    const more = now.length > toldMost ? ` and ${now.length - toldMost} more` : "";
    const list = now.slice(0, toldMost).map((bar) => `${bar.id} (${bar.told})`);
    return `at ${clock(at, long)}: ${list.join(", ") || "none"}${more}`;
  }

  /** @param {HTMLElement} target @param {readonly number[]} xs @param {Share} share @param {HTMLElement} output */
  function plot(target, xs, share, output) {
    const { rows, height } = layout(share.timeline.rows);
    /** @param {uPlot} plotted */
    const tell = (plotted) => {
      output.textContent = told(plotted, rows, share);
    };
    /** @type {Omit<uPlot.Options, "width">} */
    const options = {
      height: height + 30,
      padding: [0, 8, 0, 0],
      legend: { show: false },
      cursor: { ...share.cursor, points: { show: false } },
      scales: { x: { time: false }, y: { range: [0, 1] } },
      axes: [share.x, axis({ size: gutter, grid: { show: false }, values: () => [] })],
      series: [{}, { points: { show: false } }],
      hooks: {
        drawClear: [(u) => shade(u, share)],
        draw: [(u) => bars(u, rows, share), (u) => marks(u, share, false)],
        setScale: [share.zoomed],
        setCursor: [tell],
      },
    };
    const u = draw(target, options, [[...xs], xs.map(() => null)]);
    u.over.addEventListener("mousemove", (event) => {
      share.show(under(u, rows, event));
      u.over.style.cursor = share.focus === undefined ? "" : "pointer";
      tell(u);
    });
    u.over.addEventListener("mouseleave", () => share.show(undefined));
    u.over.addEventListener("click", (event) => {
      const bar = under(u, rows, event);
      if (bar !== undefined) location.hash = bar.anchor;
    });
    return u;
  }

  return { marks, plot, shade, united };
})();
