/**
 * A harness in small, for tests to kill: it starts servers and a worker, cuts a link, and waits. Arguments: the run's
 * directory, whether a guardian watches, and optionally a Toxiproxy to use.
 */
import { spawn } from "node:child_process";
import { faults } from "../../chaos/index.ts";
import { provideEnvironment } from "../environment/provide.ts";
import { startGuardian } from "../guardian.ts";
import { harnessLine } from "../../history/harness-line.ts";
import { marked } from "../../std/mark.ts";
import { runDirectory } from "../run-directory.ts";
import { openJournal } from "../../history/journal-file.ts";
import { monotonic } from "../../std/clock.ts";
import { identify } from "../../std/process-identity.ts";
import { seeded } from "../../std/random.ts";
import { nobody } from "../environment/testing/scratch-run.ts";

const [path = "", watched = "", toxiproxy] = process.argv.slice(2);
const { journal: file, log } = runDirectory(path);
const journal = openJournal(file, monotonic);
journal.write(harnessLine());
if (watched === "watched") startGuardian(path);

const scope = new AsyncDisposableStack(); // never unwound: this process is killed
const need = {
  toxiproxy,
  store: "aof-everysec",
  needsProxy: true,
  needsStore: false,
  cluster: false,
  clocks: [],
  journal,
  logs: log,
} as const;
const environment = await provideEnvironment(need, scope);
await environment.createLink("link:worker:0", "commands");

// One that ignores what a terminal sends, and does not notice that its parent is gone.
const sleep = "process.on('SIGINT', () => {}); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);";
const worker = spawn(process.execPath, ["-e", sleep], {
  detached: true,
  stdio: "ignore",
  env: { ...process.env, ...marked() },
});
const identity = identify(worker.pid ?? -1);
if (identity !== undefined) journal.write({ type: "spawned", identity, role: "worker", slot: 0, incarnation: 1 });

const fault = faults.cut;
const never = new AbortController().signal;
const { handles } = environment;
const plan = fault.plan({ lastsMs: [60_000, 60_000], of: "worker" }, { workers: 1, producers: 1 }, seeded("doomed"));
const planned = { lastsMs: plan.lastsMs, touches: plan.touches, relies: plan.relies };
const { effect } = fault;
journal.write({
  type: "arming",
  id: "cut-1",
  fault: "cut",
  effect,
  touches: plan.touches,
  plan: planned,
  handles,
});
const bite = await fault.arm(plan, environment.levers(nobody), never);
journal.write({ type: "armed", id: "cut-1" });
journal.write({ type: "bit", id: "cut-1", evidence: await bite(never) });

process.stdout.write("in force\n");
process.stdin.resume(); // for ever
