/**
 * Run directories that came from elsewhere: values that nobody expects under right checksums, links, FIFOs, devices and
 * holes in the place of files. Each is judged or refused in a sentence, soon, within bounds, and nothing outside of it
 * is touched.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checks } from "../../checks/index.ts";
import { conclude } from "../../harness/conclude.ts";
import { openRunDirectory } from "../../harness/run-directory.ts";
import { RecordBent, sealRecord } from "../../harness/seal.ts";
import { sealLine } from "../../history/journal-file.ts";
import type { JournalLine } from "../../history/journal.ts";
import { isBlockHead, headU32, sealBlock, slots, slotF64, slotU32, type Slots } from "../../history/encode.ts";
import { recordBytes } from "../../history/record.ts";
import { measures } from "../../measures/index.ts";
import { reports } from "../../reports/index.ts";
import { json } from "../../reports/json.ts";
import { summary } from "../../reports/terminal.ts";
import { monotonic } from "../../std/clock.ts";
import { readPlain } from "../../std/plain-file.ts";
import { seeded, type NonEmpty, type Random } from "../../std/random.ts";
import { UserError } from "../../std/user-error.ts";
import { faultyRun, narrow } from "../../harness/testing/green-history.ts";
import { storeRun } from "../../harness/testing/stored-run.ts";
import type { Door } from "./contract.ts";
import { estranged, textOf } from "./strange.ts";

/** A judgement takes a tenth of a second, on a machine that is not busy. */
const soonMs = 30_000;
/** What one may take beyond what all of them do. */
const memoryMost = 1 << 30;

interface Place {
  readonly run: string;
  /** A file outside, that must stay as it is. */
  readonly outside: string;
  readonly random: Random;
}

/** @returns whether its checksums are to be made anew */
type Way = (place: Place) => boolean | Promise<boolean>;

const oneOf = <T>(random: Random, all: readonly T[]): T | undefined => all[random.below(all.length)];

/** What is in it, and no link followed: one that leads to its own directory has no end, and Node ends with it. */
const entriesIn = (run: string, under = ""): string[] =>
  readdirSync(join(run, under), { withFileTypes: true }).flatMap((entry) => {
    const name = join(under, entry.name);
    return entry.isDirectory() ? [name, ...entriesIn(run, name)] : [name];
  });

const filesOf = ({ run }: Place): readonly string[] =>
  entriesIn(run)
    .concat([
      "report.html",
      ".report.html",
      "summary.md",
      "junit.xml",
      "result.json",
      "reports.sha256",
      "record.sha256",
    ])
    .filter((name, index, all) => all.indexOf(name) === index)
    .toSorted();

const read = (file: string): Buffer => readPlain(file, 1 << 24);

/** Something else in its place. */
const instead =
  (put: (path: string, place: Place) => void): Way =>
  (place) => {
    const path = join(place.run, oneOf(place.random, filesOf(place)) ?? "run.json");
    rmSync(path, { recursive: true, force: true });
    put(path, place);
    return false;
  };

const description: Way = ({ run, random }) => {
  const file = join(run, "run.json");
  writeFileSync(file, textOf(estranged(JSON.parse(read(file).toString("utf8")), random)));
  return true;
};

const result: Way = async ({ run, random }) => {
  await conclude(openRunDirectory(run), { checks, measures: {}, reports });
  const file = join(run, "result.json");
  writeFileSync(file, textOf(estranged(JSON.parse(read(file).toString("utf8")), random)));
  if (random.below(2) === 0) rmSync(join(run, "reports.sha256"));
  return false;
};

/** Each line fits the one before it. */
const journal: Way = ({ run, random }) => {
  const file = join(run, "journal.jsonl");
  const lines = read(file).toString("utf8").trimEnd().split("\n");
  const at = random.below(lines.length);
  const changed: JournalLine[] = lines.map((line, index) => {
    const { sum: _, ...content } = JSON.parse(line);
    return index === at ? estranged(content, random) : content;
  });
  if (random.below(4) === 0) changed.push(...changed.slice(random.below(changed.length)));
  let [text, before] = ["", ""];
  for (const line of changed) {
    const sealed = sealLine(line, before);
    text += `${sealed.text}\n`;
    before = sealed.sum;
  }
  writeFileSync(file, text);
  return true;
};

const words: NonEmpty<number> = [0, 1, 255, 256, 307, 308, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff];
const doubles: NonEmpty<number> = [0, -1, 1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 2 ** 53];

/** A few fields of its records, and all checksums as they have to be then. */
const records: Way = ({ run, random }) => {
  const file = join(run, "history", oneOf(random, readdirSync(join(run, "history"))) ?? "0.bin");
  const bytes = read(file);
  const count = Math.floor(bytes.length / recordBytes);
  const all = slots(count);
  all.bytes.set(bytes.subarray(0, count * recordBytes));
  const heads = Array.from({ length: count }, (_, slot) => slot).filter((slot) => slot > 0 && isBlockHead(all, slot));
  for (let change = random.below(4); change >= 0; change--) {
    const slot = random.below(count);
    if (slot > 0 && !heads.includes(slot)) bend(all, slot, random);
  }
  let sum = all.u32[7] ?? 0;
  for (const head of heads)
    sum = sealBlock(all, head, head + 1 + (all.u32[head * slotU32.perSlot + headU32.count] ?? 0), sum);
  writeFileSync(file, all.bytes);
  return true;
};

function bend({ u32, f64 }: Slots, slot: number, random: Random): void {
  const field = random.below(6);
  if (field === 0) f64[slot * slotF64.perSlot + slotF64.at] = random.pick(doubles);
  else if (field === 1) f64[slot * slotF64.perSlot + slotF64.aux] = random.pick(doubles);
  else u32[slot * slotU32.perSlot + field] = random.below(2) === 0 ? random.pick(words) : random.below(2 ** 32);
}

const ways: NonEmpty<Way> = [
  description,
  description,
  result,
  journal,
  journal,
  records,
  records,
  instead((path, { outside }) => symlinkSync(outside, path)),
  instead((path) => symlinkSync("/dev/zero", path)),
  instead((path) => symlinkSync(path, path)),
  instead((path) => symlinkSync("..", path)),
  instead((path) => void execFileSync("mkfifo", [path])),
  instead((path) => mkdirSync(path)),
  instead((path) => writeFileSync(path, "")),
  instead((path, { random }) => {
    writeFileSync(path, random.pick(["", "WWHIST02", "{", "\ufeff{}\n"]));
    truncateSync(path, 20 * 2 ** 30);
  }),
  ({ run, random }) => {
    for (let file = 0; file < 20; file++)
      writeFileSync(join(run, "history", `${random.below(2 ** 32)}.bin`), "WWHIST02".repeat(random.below(9)));
    return true;
  },
];

/** Undefined where it was handled as it should be. */
async function mishandled(place: Place): Promise<string | undefined> {
  const [fromNs, memoryBefore] = [monotonic.nowNs(), process.memoryUsage().rss];
  try {
    // Most of the time goes into these.
    const isFull = place.random.below(8) === 0;
    const members = { checks, measures: isFull ? measures : {}, reports: isFull ? reports : [json] };
    summary(await conclude(openRunDirectory(place.run), members), { colour: false, width: 100 });
  } catch (thrown) {
    if (!(thrown instanceof UserError || thrown instanceof RecordBent))
      return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  const [tookMs, memory] = [(monotonic.nowNs() - fromNs) / 1e6, process.memoryUsage().rss - memoryBefore];
  if (tookMs > soonMs) return `it took ${Math.round(tookMs)} ms`;
  if (memory > memoryMost) return `it took ${Math.round(memory / 2 ** 20)} MiB`;
  return readFileSync(place.outside, "utf8") === outsideText ? undefined : "what a link led to was changed";
}

const outsideText = "nobody's but its owner's\n";

export const runDirectories: Door = {
  about: "Judges run directories in which nothing need be as a run leaves it.",
  async run(seed, cases) {
    const folder = mkdtempSync(join(tmpdir(), "whitewater-fuzz-"));
    const found: { seed: string; what: string }[] = [];
    try {
      const outside = join(folder, "outside");
      writeFileSync(outside, outsideText);
      const whole = await storeRun(join(folder, "whole"), faultyRun().run, narrow);
      for (let number = 0; number < cases; number++) {
        const random = seeded(`${seed}/${number}`);
        const run = join(folder, "run");
        cpSync(whole.path, run, { recursive: true });
        const place = { run, outside, random };
        await spoil(place);
        const what = await mishandled(place);
        if (what !== undefined) found.push({ seed: `${seed}/${number}`, what });
        rmSync(run, { recursive: true });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    return { cases, mishandled: found };
  },
};

async function entrust(way: Way, place: Place): Promise<boolean> {
  try {
    return await way(place);
  } catch {
    return false;
  }
}

async function spoil(place: Place): Promise<void> {
  const { run, random } = place;
  let hasHoles = false;
  for (let change = random.below(2); change >= 0; change--) {
    // Two of them may be in each other's way: then the second is none.
    const isMadeAnew = await entrust(random.pick(ways), place);
    hasHoles ||= !isMadeAnew;
    // Whoever makes checksums reads all of it.
    if (hasHoles || random.below(3) === 0) continue;
    if (existsSync(join(run, "record.sha256"))) rmSync(join(run, "record.sha256"), { recursive: true });
    await sealRecord(openRunDirectory(run)).catch(() => {});
  }
}
