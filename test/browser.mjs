/**
 * The Chromium in which report.html is tested. Run as a program, before the tests, it installs one where there is none
 * and the machine lets it; where it cannot, it says so, and the test that needs it fails with the same words.
 */
import { pathToFileURL } from "node:url";
import { aptInstall } from "../cli/setup/apt.mjs";
import { isProgram, onPath, say } from "../cli/setup/say.mjs";

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

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await provideBrowser();
