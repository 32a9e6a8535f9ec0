/**
 * Adapters and configurations that hang, throw, answer with junk or end the process: each ends in time, with a code
 * that no verdict has, a sentence that names it, its record kept and nothing left running.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readJournal } from "../history/journal-file.ts";
import { eventually } from "../std/deadline.ts";
import { root } from "../rules/tree.ts";
import { aliveOf, newestIn, whitewater, type Started } from "../cli/testing/whitewater.ts";

const timeout = 300_000;
const impatient = join(import.meta.dirname, "..", "cli", "testing", "impatient-process.ts");

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "whitewater-test-adapters-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Case {
  /**
   * Methods of the connection instead of those of the engine; `sound` is the engine's own, `context` what it was given.
   */
  readonly odd?: string;
  /** Statements before it connects. */
  readonly before?: string;
  /** Statements of the configuration itself. */
  readonly load?: string;
  /** More of the command. */
  readonly words?: readonly string[];
  /** Of the run as a whole. */
  readonly mostMs?: number;
  readonly code: number;
  readonly says: string | RegExp;
}

/** A machine that has other things to do offers no load in time. */
const patient = ["--retry-unknown", "3"];

const hang = "new Promise(() => {})";

const cases: Readonly<Record<string, Case>> = {
  "a sound one": { words: patient, code: 0, says: /^PASS /m },

  "connect hangs": { before: `await ${hang};`, code: 2, says: 'system "odd": connect did not settle within 4 s' },
  "connect hangs in a worker": {
    before: `if (context.role === "worker") await ${hang};`,
    code: 2,
    says: 'system "odd": connect did not settle within 4 s',
  },
  "connect gives no way": { before: "for (;;);", code: 2, says: 'system "odd": connect did not give way for 4 s' },
  "connect throws": {
    before: `throw new Error("no route");`,
    code: 2,
    says: 'system "odd": connect threw: no route',
  },
  "connect ends the process": {
    before: "process.exit(0);",
    code: 3,
    says: 'system "odd": connect ended this process by process.exit(0)',
  },
  "connect ends a worker's process": {
    before: `if (context.role === "worker") process.exit(0);`,
    code: 3,
    says: 'system "odd": connect ended the process of worker 0 (exit code 0)',
  },
  "the configuration ends a worker's process": {
    load: "if (process.send) process.exit(0);",
    code: 3,
    says: /\.ts ended the process of (worker|producer) 0 \(exit code 0\)/,
  },
  "the configuration gives no way": { load: "for (;;);", code: 3, says: ".ts did not give way for 4 s" },
  "something is thrown where nobody catches it": {
    before: `if (context.role === "harness") setTimeout(() => { throw new Error("out of reach"); }, 500);`,
    code: 2,
    says: /an error that nobody caught, from .*\.ts:\d+: Error: out of reach/,
  },

  "scan hangs": { odd: `scan: () => ${hang}`, code: 2, says: 'system "odd": scan did not settle within 4 s' },
  "scan hangs once there is something": {
    odd: `async *scan() { if (looks++ > 0) await ${hang}; }`,
    code: 2,
    says: 'system "odd": scan did not settle within 4 s',
  },
  "scan throws": {
    odd: `async *scan() { throw new Error("no sight"); }`,
    code: 2,
    says: 'system "odd": scan threw: no sight',
  },
  "scan is never through": {
    odd: `async *scan() { for (; looks > 0; await new Promise((later) => setTimeout(later, 300))) yield { at: "dead", payload: "", entry: {} }; looks++; }`,
    mostMs: 15_000,
    code: 2,
    says: 'the run was stopped: it was not over after its maximum of 15 s: system "odd": scan was under way',
  },
  "scan gives no way": {
    odd: `async *scan() { for (;;); }`,
    code: 2,
    says: 'system "odd": scan did not give way for 4 s',
  },

  "work hangs": { odd: `work: () => ${hang}`, code: 2, says: 'system "odd": work began none of 40 acknowledged jobs' },
  "work throws": {
    odd: `work: () => Promise.reject(new Error("no hands"))`,
    code: 2,
    says: /work began none of 40 acknowledged jobs \(system "odd": work threw: no hands/,
  },
  "work hands over nothing": {
    odd: `work: (work, stop) => sound.work({ ...work, handle: () => work.handle(undefined) }, stop)`,
    code: 2,
    says: 'system "odd": work called handle with undefined',
  },
  "work does not end": {
    odd: `work: (work, stop) => sound.work(work, stop).then(() => ${hang})`,
    code: 2,
    says: 'system "odd": work did not end within 4 s of being asked to: worker 0 had to be killed',
  },

  "enqueue hangs": {
    odd: `enqueue: (jobs) => sound.enqueue(jobs).then(() => ${hang})`,
    code: 2,
    says: 'system "odd": enqueue did not settle: 40 jobs are without a receipt',
  },
  "enqueue throws": {
    odd: `enqueue: (jobs) => sound.enqueue(jobs).then(() => { throw new Error("no room"); })`,
    code: 2,
    says: 'system "odd": enqueue threw: no room',
  },

  "disposal hangs": {
    odd: `[Symbol.asyncDispose]: () => ${hang}`,
    code: 2,
    says: 'system "odd": disposal of the connection did not settle within 4 s',
  },
};

const configuration = ({ odd = "", before = "", load = "" }: Partial<Case>): string => `
import { builtin } from ${JSON.stringify(join(root, "index.ts"))};
${load}
const { default: stream } = await builtin.systems.stream();
let looks = 0;
async function connect(context, config) {
  ${before}
  const sound = await stream.connect(context, config);
  return { ...sound, ${odd} };
}
const work = { durationMs: [0, 5], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } };
const load = { curve: "steady", jobs: 40, seconds: 2, producers: 1, workers: 1, concurrency: 10, payloadBytes: 60, work, retries: { attempts: 2, backoffMs: 50 } };
export default builtin.extend({
  systems: { odd: async () => ({ default: { ...stream, connect } }) },
  scenarios: { small: { about: "A few jobs.", store: "memory", load, trouble: [], exercises: [] } },
});
`;

function start(
  name: string,
  text: string,
  more: readonly string[] = [],
  limits: { readonly mostMs?: number } = {},
): { readonly run: Started; readonly runs: string } {
  const runs = join(folder, name.replaceAll(/\W/g, "-"));
  mkdirSync(runs);
  const file = join(runs, "odd.ts");
  writeFileSync(file, text);
  const words = [JSON.stringify(limits), "run", "small", "--system", "odd", "--config", file, "--runs", runs].concat(
    more,
  );
  return { run: whitewater(words, runs, process.env, impatient), runs };
}

const nothingLeft = (directory: string): Promise<boolean> =>
  eventually(() => aliveOf(directory).length === 0, { deadlineMs: 60_000, awaited: "everything to be gone" });

describe.concurrent("ends by itself, and says why:", () => {
  test.each(Object.entries(cases))("%s", { timeout }, async (name, { code, says, mostMs, words, ...odd }) => {
    const { run, runs } = start(name, configuration(odd), words, mostMs === undefined ? {} : { mostMs });
    const ended = await run.ended;
    const told = stripVTControlCharacters(ended.output);
    expect(told).toMatch(says);
    expect(told).not.toMatch(/an error of its own/);
    expect(ended.code, told).toBe(code);
    const directory = newestIn(runs);
    if (!existsSync(directory)) return; // it did not come so far
    expect(told).toContain(directory);
    await nothingLeft(directory);
  });

  test("a closed pipe changes no code", { timeout }, async () => {
    const runs = join(folder, "unread");
    mkdirSync(runs);
    writeFileSync(join(runs, "odd.ts"), configuration({}));
    const words = ["{}", "run", "small", "--system", "odd", "--config", join(runs, "odd.ts"), "--runs", runs].concat(
      patient,
    );
    const child = spawn(process.execPath, [impatient, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.once("data", () => stream.destroy());
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("a run directory that is removed under the run", { timeout }, async () => {
    const { run, runs } = start("removed", configuration({}));
    const journal = () => join(newestIn(runs), "journal.jsonl");
    const begun = () => existsSync(journal()) && readJournal(journal()).some(({ type }) => type === "ready");
    await eventually(begun, { deadlineMs: 120_000, awaited: "the fleet to be ready" });
    const directory = newestIn(runs);
    const kept = join(runs, "kept");
    mkdirSync(kept);
    writeFileSync(
      join(kept, "journal.jsonl"),
      readJournal(journal())
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(""),
    );
    rmSync(directory, { recursive: true });
    const ended = await run.ended;
    const told = stripVTControlCharacters(ended.output);
    expect(told).toContain(`whitewater: the run directory ${directory} was removed while the run went on`);
    expect(told).not.toContain("What was recorded is kept in");
    expect(ended.code, told).toBe(2);
    await nothingLeft(kept);
  });
});
