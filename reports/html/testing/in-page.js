/* What the browser test asks about the page that it looks at. It runs in the page, beside the page's own scripts. */
Object.assign(globalThis, {
  inPage: {
    /**
     * Each plot by name: its lines with how many values each has, the stretch of time that it shows, and whether
     * drawing the lines left anything.
     */
    async plots() {
      const turn = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const told = [];
      for (const { u, target } of plots.drawn()) {
        const name = target.dataset["series"] ?? target.dataset["curves"] ?? "faults";
        const [, ...lines] = u.data.map((values) => Array.from(values).filter((value) => !plots.absent(value)).length);
        const { canvas } = u.ctx;
        const before = canvas.toDataURL();
        for (let i = 1; i < u.series.length; i++) u.setSeries(i, { show: false });
        await turn();
        const changes = canvas.toDataURL() !== before;
        for (let i = 1; i < u.series.length; i++) u.setSeries(i, { show: true });
        await turn();
        told.push({
          name,
          lines,
          changes,
          min: u.scales["x"]?.min,
          max: u.scales["x"]?.max,
          width: canvas.clientWidth,
        });
      }
      return told;
    },

    /** The stretch of time that each plot of the timeline shows. */
    stretches: () =>
      plots
        .drawn()
        .filter(({ target }) => target.dataset["curves"] === undefined)
        .map(({ u }) => [u.scales["x"]?.min, u.scales["x"]?.max]),

    /** Elements that reach beyond the page and do not scroll within it. */
    overflowing() {
      /** @param {Element | null} element @returns {boolean} */
      const scrolls = (element) =>
        element !== null &&
        (/auto|scroll|hidden/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
      const page = document.documentElement.clientWidth;
      return [...document.body.querySelectorAll("*")]
        .filter((element) => element.getBoundingClientRect().right > page + 1 && !scrolls(element.parentElement))
        .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`);
    },

    colours() {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return { background: backgroundColor, ink: color };
    },

    tables: () =>
      [...document.querySelectorAll("table:not(.u-legend)")].map((table) => table.querySelectorAll("tbody tr").length),

    /** Links within the page that lead nowhere. */
    deadLinks: () =>
      [...document.querySelectorAll('a[href^="#"]')]
        .map((link) => link.getAttribute("href")?.slice(1) ?? "")
        .filter((id) => document.getElementById(id) === null),
  },
});
