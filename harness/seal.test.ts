import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checks } from "../checks/index.ts";
import { measures } from "../measures/index.ts";
import { blockMark, magicBefore, recordBytes } from "../history/record.ts";
import { json } from "../reports/json.ts";
import { faultyRun, narrow } from "./testing/green-history.ts";
import { storeRun } from "./testing/stored-run.ts";
import { conclude } from "./conclude.ts";
import { readDescription } from "./description.ts";
import { readJson, runDirectory, type RunDirectory } from "./run-directory.ts";
import { RecordBent, sealRecord } from "./seal.ts";

const members = { checks, measures: {}, reports: [json] };

async function stored(claims = narrow, sealed = true): Promise<RunDirectory> {
  const parent = mkdtempSync(join(tmpdir(), "whitewater-seal-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return storeRun(join(parent, "run"), faultyRun().run, claims, sealed);
}

async function judged(directory: RunDirectory, of: Partial<typeof members> = {}) {
  const { verdict, record, reasons, evidence, guarantees } = await conclude(directory, { ...members, ...of });
  const verdicts = new Set(guarantees.filter(({ promise }) => promise).map((one) => one.verdict));
  return { verdict, record, reasons, evidence, verdicts: [...verdicts].toSorted() };
}

const edit = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, "latin1")), "latin1");

/** As the version before checksums would have left it. */
function asBefore(directory: RunDirectory, incarnations: readonly number[]): void {
  edit(directory.description, (text) => text.replace('"format": 2', '"format": 1'));
  edit(directory.journal, (text) => text.replaceAll(/,"sum":"[0-9a-f]+"\}$/gm, "}"));
  for (const incarnation of incarnations) {
    const file = join(directory.history, `${incarnation}.bin`);
    const bytes = readFileSync(file);
    bytes.write(magicBefore, "latin1");
    const slots = Array.from({ length: bytes.length / recordBytes }, (_, slot) =>
      bytes.subarray(slot * recordBytes, (slot + 1) * recordBytes),
    );
    writeFileSync(file, Buffer.concat(slots.filter((slot, index) => index === 0 || slot[16] !== blockMark)));
  }
}

const all = Array.from({ length: 16 }, (_, incarnation) => incarnation);

test("a record that is what was written agrees, again and again, and its checksums stay what they were", async () => {
  const directory = await stored();
  const seal = readFileSync(directory.file("record.sha256"), "utf8");
  const first = await judged(directory);
  expect(first).toMatchObject({ verdict: "pass", record: { checksums: "agree", differences: [], told: [] } });
  expect(await judged(directory)).toEqual(first);
  await sealRecord(directory);
  expect(readFileSync(directory.file("record.sha256"), "utf8")).toBe(seal);
  expect(Object.keys(first.evidence)).toContain("run.json");
});

test("a threshold that a changed record misses is not missed", async () => {
  const directory = await stored();
  const verdictOf = async (): Promise<string | undefined> => {
    const result = await conclude(directory, { ...members, measures }, { thresholds: ["max(end-to-end) < 1ms"] });
    return `${result.verdict} ${result.guarantees.find(({ threshold }) => threshold !== undefined)?.verdict}`;
  };
  expect(await verdictOf()).toBe("fail fail");
  // All that it is judged by is whole, and is not what the list says.
  edit(directory.file("record.sha256"), (text) => text.replace(/^[0-9a-f]/, (digit) => (digit === "0" ? "1" : "0")));
  expect(await verdictOf()).toBe("unknown unknown");
});

test("a flipped bit makes the run unknown, by name, and comparing again says the same", async () => {
  const directory = await stored();
  const { evidence } = await judged(directory);
  const file = join(directory.history, "2.bin");
  const bytes = readFileSync(file);
  bytes[1100]! ^= 1;
  writeFileSync(file, bytes);
  for (let time = 0; time < 2; time++) {
    const again = await judged(directory);
    expect(again).toMatchObject({
      verdict: "unknown",
      record: { checksums: "differ" },
      evidence,
      verdicts: ["unknown"],
    });
    expect(again.record.differences).toEqual([
      "history/2.bin is not what record.sha256 says that was written",
      expect.stringMatching(/^history\/2.bin: its block of records \d+ to \d+ has another checksum/),
    ]);
    expect(again.reasons[0]).toMatch(/^run-valid: the record is not what was written: history\/2.bin is not/);
  }
});

test("checksums that are gone are missed, also by who says that there never were any", async () => {
  const directory = await stored();
  rmSync(directory.file("record.sha256"));
  expect((await judged(directory)).record.differences).toEqual([
    "record.sha256 is not there, which is written when a run is over: this one was not, or it was removed",
  ]);
  edit(directory.description, (text) => text.replace('"format": 2', '"format": 1'));
  const { differences } = (await judged(directory)).record;
  expect(differences).toContain("journal.jsonl has checksums, and run.json is of format 1");
  expect(differences).toContain("history/1.bin: it has checksums, and the run is of a format without them");
});

test("a list that was written anew for another record is held against the result", async () => {
  const directory = await stored();
  await judged(directory);
  const other = await storeRun(join(directory.path, "..", "other"), faultyRun().run.wait(1), narrow);
  copyFileSync(join(other.history, "2.bin"), join(directory.history, "2.bin"));
  rmSync(directory.file("record.sha256"));
  await sealRecord(directory);
  for (let time = 0; time < 2; time++)
    expect(await judged(directory)).toMatchObject({
      verdict: "unknown",
      record: { differences: ["record.sha256 and result.json do not agree about history/2.bin"] },
    });
});

test("of a run whose description was changed nothing is judged", async () => {
  for (const change of [
    (text: string) => text.replace('"jobs": 308', '"jobs": 309'),
    (text: string) => text.slice(0, 100),
    () => "",
  ]) {
    const directory = await stored();
    edit(directory.description, change);
    const said = conclude(directory, members);
    await expect(said).rejects.toThrow(RecordBent);
    await expect(said).rejects.toThrow(/run\.json is not what record\.sha256 says/);
  }
});

test("a run of the format before is read, and says that it has no checksums", async () => {
  const directory = await stored(narrow, false);
  const incarnations = all.filter((incarnation) => isThere(directory, incarnation));
  asBefore(directory, incarnations);
  // Its journal says how long its files were with the heads of blocks.
  edit(directory.journal, (text) => text.replaceAll(/,"bytes":\d+/g, ""));
  const first = await judged(directory);
  expect(first.record).toEqual({ checksums: "none", differences: [], told: [] });
  expect(first.verdict).toBe("pass");
  // What its result says is held against it all the same.
  edit(join(directory.history, "0.bin"), (text) => `${text} `);
  expect(await judged(directory)).toMatchObject({
    verdict: "unknown",
    record: { differences: ["history/0.bin is not what result.json says that was written"] },
  });
});

function isThere(directory: RunDirectory, incarnation: number): boolean {
  try {
    return readFileSync(join(directory.history, `${incarnation}.bin`)).length > 0;
  } catch {
    return false;
  }
}

test("a promise that no check in force knows is unknown by name, and so is one that the result before told of", async () => {
  const claims = { ...narrow, "no-coffee-spilled": { cups: 3 } };
  const said = await judged(await stored(claims));
  expect(said.verdict).toBe("unknown");
  expect(said.reasons).toEqual([expect.stringMatching(/^no-coffee-spilled: no check in force has this name/)]);

  const directory = await stored();
  const { "run-valid": own, ...others } = checks;
  await judged(directory, { checks: { ...others, "run-valid": own, "own-valid": own } as typeof checks });
  expect((await judged(directory)).reasons).toEqual([expect.stringMatching(/^own-valid: no check in force/)]);
});

test("what is not judged by is told, and changes nothing", async () => {
  const directory = await stored();
  await judged(directory);
  edit(directory.file("result.json"), (text) => text.replace('"verdict": "pass"', '"verdict": "fail"'));
  edit(directory.log("redis"), () => "");
  expect(await judged(directory)).toMatchObject({
    verdict: "pass",
    record: {
      checksums: "agree",
      told: [
        "result.json is not what reports.sha256 says that was written",
        "logs/redis.log is not what record.sha256 says that was written",
      ],
    },
  });
  expect((await judged(directory)).record.told).toEqual([
    "logs/redis.log is not what record.sha256 says that was written",
  ]);
  expect(readJson(directory.file("result.json"))).toMatchObject({ verdict: "pass" });
  expect(readDescription(runDirectory(directory.path)).format).toBe(2);
});
