/**
 * Journals that somebody forged, or that came from elsewhere: whatever they say, whoever sweeps ends no process and
 * removes no directory that does not carry the mark of a harness that is gone, follows no link, and waits for nothing.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markVariable, ownMark } from "../../std/mark.ts";
import { removeOldRuns } from "../../harness/retention.ts";
import { sweepAll } from "../../harness/sweep.ts";
import { sealLine } from "../../history/journal-file.ts";
import type { JournalLine } from "../../history/journal.ts";
import { monotonic } from "../../std/clock.ts";
import { onFreePort } from "../../std/free-port.ts";
import { plain, type Json } from "../../std/json.ts";
import { isThere } from "../../std/plain-file.ts";
import { identify, isAlive, type ProcessIdentity } from "../../std/process-identity.ts";
import { seeded, type NonEmpty, type Random } from "../../std/random.ts";
import { UserError } from "../../std/user-error.ts";
import { deadHarness, type DeadHarness } from "../../harness/testing/dead-harness.ts";
import type { Door } from "./contract.ts";
import { estranged, textOf } from "./strange.ts";

const soonMs = 60_000;
const outsideText = "nobody's but its owner's\n";

/** What must be as it was, whatever a journal says. */
interface Ground {
  readonly folder: string;
  readonly dead: DeadHarness;
  readonly victims: readonly ProcessIdentity[];
  readonly directories: readonly string[];
  /** Where nobody listens. */
  readonly port: number;
}

function linesOf({ dead, victims, directories, port }: Ground, random: Random): Json[] {
  const victim = victims[random.below(victims.length)] ?? null;
  const directory = directories[random.below(directories.length)] ?? "";
  const address = { host: "127.0.0.1", port };
  const name = random.pick([
    "proxies",
    `whitewater-${dead.mark}-worker-0`,
    `whitewater-${ownMark()}-worker-0`,
    "../version",
  ]);
  const links = [{ name, listen: address, upstream: address, resource: "link:worker:0" }];
  const marks: NonEmpty<string> = [ownMark(), "", "mark", `${dead.mark}x`, "00000000.1.1.00000000"];
  const harness = random.below(4) === 0 ? { ...dead, mark: random.pick(marks) } : dead;
  const lines: unknown[] = [
    harness,
    { type: "spawned", identity: victim, role: "worker", slot: 0, incarnation: 1 },
    { type: "helper", identity: victim, name: "redis-server", directory },
    { type: "environment", handles: { proxy: { api: address, links, own: random.below(2) === 0 } } },
    { type: "environment", handles: { clocks: { directory, resources: ["clock:store"] } } },
    { type: "containers", label: random.pick(["everything", "", ownMark(), `${ownMark()}-1`]) },
    { type: "namespace", name: random.pick(["whitewater-a", "whitewater-*", "*", ""]), store: address },
    {
      type: "arming",
      id: "cut-1",
      fault: "cut",
      effect: "link-down",
      touches: ["link:worker:0"],
      plan: null,
      handles: null,
    },
    { type: "phase", phase: "load" },
    { type: "phase", phase: "over" },
  ];
  const last = random.below(3) === 0 ? lines.length : lines.length - 1;
  const kept = lines.slice(0, last).filter((_, index) => index === 0 || random.below(2) === 0);
  return kept.map((line, seq) => plain({ at: 1 + seq, seq, ...Object(line) }));
}

function forge(ground: Ground, random: Random): void {
  const run = join(ground.folder, "runs", "2026-01-01-forged");
  mkdirSync(run, { recursive: true });
  const file = join(run, "journal.jsonl");
  const outside = join(ground.folder, "outside");
  const kind = random.below(12);
  if (kind === 0) return symlinkSync(outside, file);
  if (kind === 1) return symlinkSync("/dev/zero", file);
  if (kind === 2) return void execFileSync("mkfifo", [file]);
  if (kind === 3) return mkdirSync(file);
  const lines = linesOf(ground, random);
  for (let change = random.below(3); change > 0; change--) {
    const at = random.below(lines.length);
    lines[at] = estranged(lines[at] ?? null, random);
  }
  writeFileSync(file, random.below(2) === 0 ? sealed(lines) : lines.map((line) => `${textOf(line)}\n`).join(""));
}

const isLine = (line: Json): line is Json & JournalLine =>
  typeof line === "object" && line !== null && !Array.isArray(line);

function sealed(lines: readonly Json[]): string {
  let [text, before] = ["", ""];
  for (const line of lines) {
    if (!isLine(line)) continue;
    const made = sealLine(line, before);
    text += `${made.text}\n`;
    before = made.sum;
  }
  return text;
}

async function mishandled(ground: Ground): Promise<string | undefined> {
  const fromNs = monotonic.nowNs();
  const runs = join(ground.folder, "runs");
  try {
    await sweepAll(runs);
    removeOldRuns(runs, 1);
  } catch (thrown) {
    if (!(thrown instanceof UserError))
      return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  const tookMs = (monotonic.nowNs() - fromNs) / 1e6;
  if (tookMs > soonMs) return `it took ${Math.round(tookMs)} ms`;
  if (!ground.victims.every(isAlive)) return "it ended somebody else's process";
  if (!ground.directories.every(isThere)) return "it removed somebody else's directory";
  return readFileSync(join(ground.folder, "outside"), "utf8") === outsideText ? undefined : "it wrote through a link";
}

export const journals: Door = {
  about: "Sweeps directories of runs in which somebody put journals of his own.",
  async run(seed, cases) {
    const folder = mkdtempSync(join(tmpdir(), "whitewater-fuzz-"));
    const started = [{}, { [markVariable]: "1" }, { [markVariable]: ownMark() }].map((variables) =>
      spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
        stdio: "ignore",
        env: { ...process.env, ...variables },
      }),
    );
    const found: { seed: string; what: string }[] = [];
    const before = process.env["WHITEWATER_CONTAINERS"];
    process.env["WHITEWATER_CONTAINERS"] = "none";
    try {
      const dead = deadHarness();
      writeFileSync(join(folder, "outside"), outsideText);
      const directories = ["precious", "whitewater-redis-precious", `whitewater-redis-${ownMark()}-1`].map((name) =>
        join(folder, name),
      );
      for (const directory of directories) mkdirSync(directory);
      const linked = join(folder, `whitewater-redis-${dead.mark}-1`);
      symlinkSync(directories[0] ?? "", linked);
      const port = await onFreePort((free) => Promise.resolve(free));
      const victims = started.flatMap(({ pid }) => identify(pid ?? -1) ?? []);
      const ground = { folder, dead, victims, directories: [...directories, linked], port };
      for (let number = 0; number < cases; number++) {
        forge(ground, seeded(`${seed}/${number}`));
        const what = await mishandled(ground);
        if (what !== undefined) found.push({ seed: `${seed}/${number}`, what });
        rmSync(join(folder, "runs"), { recursive: true, force: true });
      }
    } finally {
      if (before === undefined) delete process.env["WHITEWATER_CONTAINERS"];
      else process.env["WHITEWATER_CONTAINERS"] = before;
      for (const child of started) child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
    return { cases, mishandled: found };
  },
};
