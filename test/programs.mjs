/**
 * What only the tests need: the Chromium in which report.html is tested, and the promtool that reads what Prometheus is given. Run
 * as a program, before the tests, it brings what is missing as far as the machine lets it; where it cannot, it says so, and so do
 * the tests: without a Chromium they fail, without a promtool their names say that they did not run.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { aptInstall, asRoot } from "../cli/setup/apt.mjs";
import { cacheFolder, isProgram, mayInstall, onPath, run, say } from "../cli/setup/say.mjs";

/** Older ones lack what the page's styles use; a package that only points to a snap calls itself 85. */
const oldest = [120];

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** @returns {Promise<string | undefined>} the path of its program */
export async function findBrowser() {
  const given = process.env["WHITEWATER_CHROMIUM"];
  if (given !== undefined) return isProgram(given) ? given : undefined;
  const { chromium } = await import("playwright-core");
  const found = names.map(onPath).find((path) => path !== undefined);
  return found ?? [chromium.executablePath(), ...places].find(isProgram);
}

export const remedy = `report.html is tested in a Chromium, and there is none: not on PATH (${names.join(", ")}), and none of Playwright's own.
  Install one (apt-get install chromium, brew install --cask chromium, or npx playwright-core install chromium),
  or name its program in WHITEWATER_CHROMIUM.`;

async function provideBrowser() {
  if ((await findBrowser()) !== undefined) return;
  const tried = aptInstall("chromium", oldest);
  if ((await findBrowser()) === undefined) say(`${remedy}${tried.ok ? "" : `\n  apt-get: ${tried.why}`}`);
}

const ownPromtool = () => join(cacheFolder(), "bin", "promtool");

/** @returns {string | undefined} the path of its program */
export const findPromtool = () => onPath("promtool") ?? [ownPromtool()].find(isProgram);

/** Out of Debian's package for the server, which is not installed: it would run from now on, with a dozen packages for its pages. */
function providePromtool() {
  if (findPromtool() !== undefined || onPath("apt-get") === undefined || !mayInstall()) return;
  say("fetching promtool out of Debian's package prometheus (19 MB, once) ...");
  mkdirSync(dirname(ownPromtool()), { recursive: true });
  const folder = mkdtempSync(join(dirname(ownPromtool()), ".fetching-"));
  try {
    const download = () => run("apt-get", ["download", "prometheus"], { cwd: folder });
    const first = download();
    const fetched = first.ok || !asRoot()?.run("apt-get", ["update"]).ok ? first : download();
    const words = "dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xf - ./usr/bin/promtool";
    const unpacked = fetched.ok ? run("sh", ["-c", words], { cwd: folder }) : fetched;
    if (unpacked.ok) renameSync(join(folder, "usr", "bin", "promtool"), ownPromtool());
    else say(`no promtool, the tests that ask it do not run: ${unpacked.why}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await provideBrowser();
  providePromtool();
}
