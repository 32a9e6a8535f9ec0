/** report.html as a person meets it: in a real browser, dark, light and on paper, read, clicked and zoomed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { html } from "./index.ts";
import { monotonic } from "../../std/clock.ts";
import { findBrowser, remedy } from "../../test/programs.mjs";
import { comparisonHtml } from "../compare/html.ts";
import { sampleComparison } from "../compare/testing/sample-comparison.ts";
import { sampleNames, sampleResult } from "../testing/sample-result.ts";

const folder = mkdtempSync(join(tmpdir(), "whitewater-report-"));
let browser: Browser;

/** A busy machine draws slowly: everything is waited for, and for long. */
const soon = { timeout: 100_000 };
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 });

beforeAll(async () => {
  const executablePath = await findBrowser();
  if (executablePath === undefined) throw new Error(remedy);
  browser = await chromium.launch({ executablePath, args: ["--disable-gpu"], ...soon });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opened extends AsyncDisposable {
  readonly page: Page;
  readonly loadMs: number;
  /** What no page may have: errors, words on the console, requests. */
  readonly complaints: readonly string[];
}

type Look = { readonly scheme?: "dark" | "light"; readonly width?: number; readonly media?: "screen" | "print" };

async function open(text: string, { scheme = "light", width = 1280, media = "screen" }: Look = {}): Promise<Opened> {
  const file = join(folder, `${text.length}.html`);
  writeFileSync(file, text);
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  page.setDefaultTimeout(soon.timeout);
  await page.emulateMedia({ media, colorScheme: scheme });
  await page.addInitScript({ path: join(import.meta.dirname, "testing", "in-page.js") });
  const address = pathToFileURL(file).href;
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== address) complaints.push(`asks for ${request.url()}`);
  });
  const fromNs = monotonic.nowNs();
  await page.goto(address);
  const loadMs = (monotonic.nowNs() - fromNs) / 1e6;
  return { page, loadMs, complaints, [Symbol.asyncDispose]: () => page.close() };
}

const pages: Readonly<Record<string, string>> = Object.fromEntries(
  sampleNames.map((name) => [name, html.render(sampleResult(name))]),
);
const failing = pages["fail"] ?? "";

const plotsOf = async (page: Page) =>
  z
    .array(
      z.object({
        name: z.string(),
        lines: z.array(z.number()),
        changes: z.boolean(),
        min: z.number(),
        max: z.number(),
        width: z.number(),
      }),
    )
    .parse(await page.evaluate("inPage.plots()"));

const stretches = async (page: Page): Promise<readonly (readonly number[])[]> =>
  z.array(z.array(z.number())).parse(await page.evaluate("inPage.stretches()"));

test.each(Object.entries(pages))(
  "opens alone and without a word, with all that it has to show: %s",
  async (name, text) => {
    await using opened = await open(text);
    const { page, complaints } = opened;
    const plots = await plotsOf(page);
    const { measures } = sampleResult(name === "pass" ? "pass" : name === "fail" ? "fail" : "unknown");
    const wanted = Object.entries(measures).flatMap(([measure, { measured }]) =>
      measured.kind === "series" || (measured.kind === "distribution" && measure !== "lateness") ? [measure] : [],
    );
    expect(plots.map((plot) => plot.name).toSorted()).toEqual([...wanted, "all latencies", "faults"].toSorted());
    for (const plot of plots.filter((one) => one.name !== "faults")) {
      expect(plot.changes, `${plot.name} shows its lines`).toBe(true);
      expect(Math.min(...plot.lines), `${plot.name} has values in every line`).toBeGreaterThan(10);
    }
    const tables = z.array(z.number()).parse(await page.evaluate("inPage.tables()"));
    expect(tables.length).toBeGreaterThan(7);
    expect(Math.min(...tables)).toBeGreaterThan(0);
    expect(await page.evaluate("inPage.deadLinks()")).toEqual([]);
    expect(complaints).toEqual([]);
  },
);

test("a comparison opens alone and without a word, with its curves", async () => {
  await using opened = await open(comparisonHtml.render(sampleComparison("slower")));
  const [curves, ...others] = await plotsOf(opened.page);
  expect(others).toEqual([]);
  expect(curves).toMatchObject({ name: "end to end", changes: true });
  expect(Math.min(...(curves?.lines ?? []))).toBeGreaterThan(3);
  expect(opened.complaints).toEqual([]);
});

const looks: readonly Look[] = [
  { scheme: "light" },
  { scheme: "dark" },
  { scheme: "light", width: 390 },
  { scheme: "dark", width: 390 },
  { media: "print", width: 680 },
  { media: "print", scheme: "dark", width: 680 },
];

test.each(looks)("fits its page: %o", async (look) => {
  await using opened = await open(failing, look);
  const { page, complaints } = opened;
  expect(await page.evaluate("inPage.overflowing()")).toEqual([]);
  const { background, ink } = z
    .object({ background: z.string(), ink: z.string() })
    .parse(await page.evaluate("inPage.colours()"));
  // On paper it is black on white, whatever the screen was.
  const isDark = look.scheme === "dark" && look.media !== "print";
  expect([brightness(background) > 128, brightness(ink) > 128]).toEqual([!isDark, isDark]);
  for (const plot of await plotsOf(page)) expect(plot.width).toBeLessThanOrEqual(look.width ?? 1280);
  expect(await page.locator("nav").isVisible()).toBe(look.media !== "print");
  expect(complaints).toEqual([]);
});

function brightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [...colour.matchAll(/\d+/g)].map(Number);
  return (red + green + blue) / 3;
}

test("prints", async () => {
  await using opened = await open(failing);
  const paper = await opened.page.pdf({ format: "A4" });
  expect(paper.subarray(0, 4).toString()).toBe("%PDF");
  expect(paper.toString("latin1").match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(3);
  expect(opened.complaints).toEqual([]);
});

test("a broken promise leads to a job's life, beside the faults in force, and from there to all plots", async () => {
  await using opened = await open(failing);
  const { page, complaints } = opened;
  const broken = page.locator("#guarantee-no-acked-loss");
  const evidence = broken.locator(".evidence");
  await page.locator("h1").waitFor();
  expect(await evidence.isVisible()).toBe(true);
  await broken.locator("tr").first().click();
  expect(await evidence.isVisible()).toBe(false);
  // The verdict's reason leads there, and opens it.
  await page.locator(".reasons a").first().click();
  await expect.poll(() => evidence.isVisible(), soon).toBe(true);
  const life = evidence.locator("details.life").first();
  const drawing = life.locator("svg.life");
  expect(await drawing.isVisible()).toBe(true);
  expect(await drawing.locator(".band").count()).toBeGreaterThan(0);
  expect(await drawing.locator(".run.cut").count()).toBe(1);
  expect(await drawing.locator("path.killed").count()).toBe(1);
  expect(await life.locator("table tbody tr").count()).toBe(4);

  const whole = await stretches(page);
  await life.locator("a[data-from]").click();
  await expect.poll(() => stretches(page), soon).not.toEqual(whole);
  const [first = [0, 0], ...others] = await stretches(page);
  const killedAt = Number(await life.locator("a[data-from]").getAttribute("data-to"));
  expect(killedAt > Number(first[0]) && killedAt < Number(first[1])).toBe(true);
  expect(Number(first[1]) - Number(first[0])).toBeLessThan(10);
  for (const other of others) expect(other).toEqual(first);
  await page.locator(".zoomed button").click();
  await expect.poll(() => stretches(page), soon).toEqual(whole);
  expect(await page.locator(".zoomed").isVisible()).toBe(false);

  // The fault that killed it has its proof behind a click.
  await drawing.locator("a .band").first().click();
  const proof = page.locator("tr:target");
  await expect.poll(() => proof.isVisible(), soon).toBe(true);
  expect(await proof.textContent()).toContain("worker-kill-3");
  expect(complaints).toEqual([]);
});

test("a promise that was kept opens too", async () => {
  await using opened = await open(failing);
  const kept = opened.page.locator("#guarantee-no-phantom");
  expect(await kept.locator(".evidence").isVisible()).toBe(false);
  await kept.locator("tr").first().click();
  expect(await kept.locator(".evidence").isVisible()).toBe(true);
});

test("each part is one click away", async () => {
  await using opened = await open(failing);
  const { page } = opened;
  for (const link of await page.locator("nav a").all()) {
    await link.click();
    const id = (await link.getAttribute("href")) ?? "";
    await expect.poll(async () => ((await page.locator(id).boundingBox())?.y ?? 1e6) < 450, soon).toBe(true);
  }
});

test("a fault under the pointer is told, and a drag over one plot zooms into all", async () => {
  await using opened = await open(failing);
  const { page } = opened;
  const lanes = page.locator("[data-faults] .u-over");
  await lanes.scrollIntoViewIfNeeded();
  const box = await lanes.boundingBox();
  if (box === null) throw new Error("the lanes of faults are not drawn");
  const result = sampleResult("fail");
  const { loadFrom } = result.phases;
  const [from = 0, to = 1] = (await stretches(page))[0] ?? [];
  const restart = result.incidents.find(({ id }) => id === "worker-restart-1");
  const at = ((restart?.from ?? 0) + (restart?.to ?? 0)) / 2 - loadFrom;
  await page.mouse.move(box.x + ((at / 1e9 - from) / (to - from)) * box.width, box.y + 21);
  const output = page.locator(".faults output");
  await expect.poll(() => output.textContent(), soon).toMatch(/^worker-restart-1: worker \d asked to stop/);

  const whole = await stretches(page);
  await page.mouse.move(box.x + box.width * 0.3, box.y + 5);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 5, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => stretches(page), soon).not.toEqual(whole);
  const [first = [], ...others] = await stretches(page);
  expect(Number(first[1]) - Number(first[0])).toBeCloseTo((to - from) * 0.2, -1);
  for (const other of others) expect(other).toEqual(first);
});

test("an hour of seconds and seventy faults are a small file that opens at once", async () => {
  const text = html.render(sampleResult("fail", 3600));
  expect(text.length).toBeLessThan(5e6);
  await using opened = await open(text);
  expect(opened.complaints).toEqual([]);
  expect((await plotsOf(opened.page)).every(({ lines }) => lines.length > 0)).toBe(true);
  console.log(`an hour: ${(text.length / 1e6).toFixed(2)} MB, opened and drawn in ${opened.loadMs.toFixed(0)} ms`);
});
