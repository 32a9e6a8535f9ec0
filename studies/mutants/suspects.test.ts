import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadCatalogues } from "../../catalogues/configuration.ts";
import { builtin } from "../../index.ts";
import { UserError } from "../../std/user-error.ts";
import { root } from "../../rules/tree.ts";
import { configurationOfFolder } from "./folder.ts";
import { mutantsAmong, suspectsFrom } from "./suspects.ts";

const door = join(root, "index.ts");

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "whitewater-test-folder-"));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A mutant of the engine that only says that it is one. */
const mutant = (words: string): string =>
  `import { builtin } from ${JSON.stringify(door)};\nconst { default: stream } = await builtin.systems.stream();\nexport default { ...stream, ${words} };\n`;
const whole = 'killedBy: "drained", under: "smoke", related: ["progress"]';

function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(place, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

async function suspectsIn(files: Readonly<Record<string, string>>, names: readonly string[] = [], under?: string) {
  const folder = folderOf("mutants-", files);
  const given = configurationOfFolder(folder, door, join(folder, "runs"));
  const catalogues = await loadCatalogues(given.configuration);
  return suspectsFrom(await mutantsAmong(catalogues.systems, given.names), names, catalogues, under);
}

test("of the built-in systems, the mutants are mutants and the others are not", async () => {
  const names = Object.keys(await mutantsAmong(builtin.systems));
  expect(names).toContain("no-reclaim");
  expect(names).not.toContain("stream");
  expect(names).not.toContain("bullmq");
});

test("a folder's mutants are named like their files; what they share, and their tests, are none", async () => {
  const found = await suspectsIn({
    "one.ts": mutant(whole),
    "two.mjs": mutant(whole),
    "shared.ts": "export const a = 1;\n",
    "one.test.ts": mutant(whole),
    "notes.md": "",
  });
  expect(found).toMatchObject([
    { name: "one", killedBy: "drained", under: "smoke", related: ["progress"] },
    { name: "two" },
  ]);
});

test("under a scenario beside their own, those are meant that say so", async () => {
  const both = {
    "here.ts": mutant(whole),
    "there.ts": mutant(`${whole}, alsoUnder: ["day"]`),
    "day.ts": mutant('killedBy: "drained", under: "day", related: []'),
    "hidden.ts": mutant(`${whole}, hiddenUnder: { day: "its nights are too short" }`),
  };
  expect(await suspectsIn(both, [], "day")).toMatchObject([
    { name: "day", under: "day" },
    { name: "there", under: "day" },
  ]);
  expect(await suspectsIn(both, ["there"])).toMatchObject([{ name: "there", under: "smoke" }]);
  await expect(suspectsIn(both, ["here"], "day")).rejects.toThrow(
    'mutant "here" does not say that it is found out under "day"; those that are: day, there',
  );
  await expect(suspectsIn(both, ["hidden"], "day")).rejects.toThrow(
    'mutant "hidden" is not found out under "day": its nights are too short; those that are: day, there',
  );
});

test.each([
  ["a check that there is none of", 'killedBy: "drainde", under: "smoke", related: []', 'names the check "drainde"'],
  ["a related check", 'killedBy: "drained", under: "smoke", related: ["no-los"]', 'names the check "no-los"'],
  [
    "a scenario",
    'killedBy: "drained", under: "smoek", related: []',
    'says something of "smoek", and no scenario has that name',
  ],
  ["another scenario", `${whole}, alsoUnder: ["dya"]`, 'says something of "dya", and no scenario has that name'],
  ["a scenario that hides it", `${whole}, hiddenUnder: { dya: "why" }`, 'says something of "dya", and no scenario'],
  ["half a mutant", 'killedBy: "drained"', "must say by which check it is killed"],
  [
    "a promise that it does not make",
    'killedBy: "fenced", under: "smoke", related: [], claims: () => ({})',
    "failed by fenced, which is not in force for it",
  ],
])("%s is told before anything is run", async (_, words, says) => {
  const asked = suspectsIn({ "odd.ts": mutant(words) });
  await expect(asked).rejects.toThrow(UserError);
  await expect(asked).rejects.toThrow(says);
});

test("a module that cannot be loaded, a name that no mutant has, and a folder that holds none are told too", async () => {
  await expect(suspectsIn({ "torn.ts": "export default {" })).rejects.toThrow('system "torn" cannot be loaded');
  await expect(suspectsIn({ "one.ts": mutant(whole) }, ["two"])).rejects.toThrow(
    'no mutant is called "two"; there are: one',
  );
  await expect(suspectsIn({ "stream.ts": mutant(whole) })).rejects.toThrow('system called "stream" already');
  expect(() => configurationOfFolder(folderOf("empty-", {}), door, place)).toThrow("holds no module");
  expect(() => configurationOfFolder(join(place, "nowhere"), door, place)).toThrow("--from takes a folder");
});
