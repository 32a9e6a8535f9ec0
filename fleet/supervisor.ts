/**
 * Keeps the fleet: spawns producers and workers as processes of their own, starts another life in a slot when one ends,
 * knows who holds which slot, keeps slots empty when asked to, and adds up what all of them have counted.
 */
import { fork, type ChildProcess } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Journal } from "../history/journal-file.ts";
import { slotIn, slotOf, type Resource } from "../history/resource.ts";
import type { Clocks, ProcessHolder } from "../chaos/contract.ts";
import type { ProcessRegistry } from "../chaos/levers/process.ts";
import { cacheDirectory } from "../std/cache-directory.ts";
import { DeadlineError, eventually, within } from "../std/deadline.ts";
import { identify, signal } from "../std/process-identity.ts";
import { sibling } from "../std/sibling.ts";
import { messageOf } from "../std/user-error.ts";
import { marked } from "../std/mark.ts";
import { errorOf, silentEnd, type Entering, type Failure } from "./failure.ts";
import { lastWords, lengthOf } from "./last-words.ts";
import { noCounts, type Assignment, type Counts, type FleetRole, type FromChild, type ToChild } from "./messages.ts";
import { tally } from "./tally.ts";

/** What the supervisor adds by itself. */
type Post = Omit<Assignment, "incarnation" | "historyFile" | "earlierFiles">;

interface Life extends ProcessHolder {
  readonly post: Post;
  readonly process: ChildProcess;
  lastWords(): readonly string[];
  ready: boolean;
  done: boolean;
  exited: boolean;
  counts: Counts;
  failure: (Failure & { readonly unsettled: boolean }) | undefined;
  /** What it calls that is not ours, until it is ready. */
  entering: Entering | undefined;
  /** Who waits for its clocks: it answers in the order in which it was asked. */
  readonly asked: ((clocks: Clocks) => void)[];
}

export interface Fleet extends ProcessRegistry {
  /** Resolves once the process is connected and can work, or at `stop`. @throws UserError, ForeignError when it is theirs that it cannot */
  start(post: Post, stop: AbortSignal): Promise<void>;
  /** Begins the load. */
  go(originNs: number): void;
  /** All jobs were sent, and the receipts of those who sent the last ones are in. */
  producersDone(): boolean;
  counts(): Counts;
  alive(role: FleetRole): number;
  /** Jobs that producers have handed over, and have no answer for. */
  unanswered(): number;
  /** Why lives have ended by themselves, each reason once. */
  failures(): readonly string[];
  /** Handlers that have begun and not come back; what a dead process had begun is nobody's work any more. */
  atWork(): number;
  /** Lives that have begun, and that have ended: a fleet in which anyone comes or goes is not at rest. */
  turnover(): number;
  /**
   * Asks all of a role to finish what they hold; kills what has not gone after `graceMs`. Nothing is started again.
   * @returns the slots that had to be killed
   */
  stop(role: FleetRole, graceMs: number): Promise<readonly number[]>;
  /** Set when a slot cannot be kept: its process ends again and again, or says that it cannot work. */
  broken(): Failure | undefined;
}

/** What the supervisor needs of the run. */
export interface Quarters {
  history(incarnation: number): string;
  log(role: FleetRole, slot: number): string;
  /** Of the environment of each process in the slot, beside those of the harness itself. */
  variables(slot: `${FleetRole}:${number}`): Readonly<Record<string, string>>;
  /** Told of what an adapter does that its contract does not allow. */
  flaw(why: string, isGrave: boolean): void;
}

/** For a process to start and to load what it needs, beside the patience that its adapter has. */
const startMs = 60_000;
const replacedMs = 120_000;
/** SIGKILL needs no consent, only a scheduler. */
const goneMs = 120_000;
const clocksMs = 5000;
/** Node keeps what it made of our modules here: another life is ready after two thirds of the CPU time. */
const compiled = join(cacheDirectory(), "compiled");
/** Lives that ended by themselves before they were ready, in a row, before a slot is given up. */
const crashesAllowed = 5;

export function fleet(quarters: Quarters, journal: Journal): Fleet {
  const lives: Life[] = [];
  const stopping = new Set<FleetRole>();
  const keptOut = new Set<Resource>();
  const crashes = new Map<string, number>();
  let origin: number | undefined;
  let broken: Failure | undefined;

  const livesIn = (role: FleetRole, slot: number): readonly Life[] =>
    lives.filter((life) => life.post.role === role && life.post.slot === slot);
  const current = (role: FleetRole, slot: number): Life | undefined => livesIn(role, slot).at(-1);

  const spawn = (post: Post): Life => {
    const { role, slot } = post;
    const incarnation = lives.length + 1;
    const earlierFiles = livesIn(role, slot).map((life) => quarters.history(life.incarnation));
    const logFile = quarters.log(role, slot);
    const said = lengthOf(logFile);
    const log = openSync(logFile, "a");
    const started = fork(sibling(import.meta.url, `./${role}-process`), [], {
      detached: true, // a group of its own: Ctrl-C in the terminal reaches the harness, which stops the fleet in order
      stdio: ["ignore", log, log, "ipc"],
      execArgv: [],
      env: { NODE_COMPILE_CACHE: compiled, ...process.env, ...marked(quarters.variables(`${role}:${slot}`)) },
    });
    closeSync(log);
    const identity = identify(started.pid ?? -1) ?? { pid: started.pid ?? -1, startedAt: "gone" };
    journal.write({ type: "spawned", identity, role, slot, incarnation });
    const life: Life = {
      identity,
      incarnation,
      post,
      process: started,
      lastWords: () => lastWords(logFile, said),
      ready: false,
      done: false,
      exited: false,
      counts: noCounts,
      failure: undefined,
      entering: undefined,
      asked: [],
    };
    lives.push(life);
    started.on("message", (message: FromChild) => heard(life, message));
    started.on("error", (error) => {
      // Of one that was there its exit is told apart.
      if (started.pid === undefined)
        broken ??= { why: `${role} ${slot} cannot be started: ${error.message}`, whose: "user" };
    });
    started.on("exit", (code, name) => ended(life, code, name));
    const historyFile = quarters.history(incarnation);
    say(life, { type: "assignment", assignment: { ...post, incarnation, historyFile, earlierFiles } });
    return life;
  };

  const heard = (life: Life, message: FromChild): void => {
    if (message.type === "counts") life.counts = message.counts;
    else if (message.type === "done") life.done = true;
    else if (message.type === "failed") life.failure = message;
    else if (message.type === "entering") life.entering = message;
    else if (message.type === "flaw") quarters.flaw(message.why, message.isGrave);
    else if (message.type === "clocks")
      life.asked.shift()?.({ incarnation: life.incarnation, wallMs: message.wallMs, monotonicNs: message.monotonicNs });
    else {
      life.ready = true;
      life.entering = undefined;
      crashes.delete(`${life.post.role}:${life.post.slot}`);
      journal.write({ type: "ready", incarnation: life.incarnation });
      if (origin !== undefined) say(life, { type: "go", originNs: origin });
    }
  };

  const ended = (life: Life, code: number | null, name: string | null): void => {
    life.exited = true;
    const written = statSync(quarters.history(life.incarnation), { throwIfNoEntry: false });
    const bytes = written === undefined ? {} : { bytes: written.size };
    const words = life.lastWords();
    const said = words.length === 0 ? {} : { lastWords: words };
    journal.write({ type: "exited", identity: life.identity, code, signal: name, ...bytes, ...said });
    // What it said last may not have been heard yet.
    if (life.process.connected) life.process.once("disconnect", () => succeed(life, code, name));
    else succeed(life, code, name);
  };

  const succeed = (life: Life, code: number | null, name: string | null): void => {
    const { role, slot } = life.post;
    if (stopping.has(role) || broken !== undefined) return;
    const key = `${role}:${slot}`;
    const early = life.ready ? 0 : (crashes.get(key) ?? 0) + 1;
    crashes.set(key, early);
    // A producer that gives up by itself would give up again, and leave the load unmet.
    const gaveUp = life.failure?.whose === "user" || (role === "producer" && code !== null && code !== 0);
    const isHopeless = origin === undefined && life.failure?.unsettled === true;
    if (gaveUp || isHopeless || early > crashesAllowed)
      broken =
        life.failure ?? silentEnd(`${role} ${slot}`, life.entering, { code, signal: name }, quarters.log(role, slot));
    else fill(life.post);
  };

  /** Somebody is started in the slot, unless somebody is there or nobody may be. */
  const fill = (post: Post): void => {
    const { role, slot } = post;
    if (stopping.has(role) || broken !== undefined || keptOut.has(slotOf(role, slot))) return;
    if (current(role, slot)?.exited !== false) spawnOrBreak(post);
  };

  const spawnOrBreak = (post: Post): void => {
    try {
      spawn(post);
    } catch (thrown) {
      broken = { why: `${post.role} ${post.slot} cannot be started again: ${messageOf(thrown)}`, whose: "ours" };
    }
  };

  const holderOf = (resource: Resource): Life | undefined => {
    const { role, slot } = slotIn(resource) ?? {};
    return role === "worker" || role === "producer" ? current(role, slot ?? 0) : undefined;
  };

  return {
    async start(post, stop) {
      spawn(post);
      const settled = () => stop.aborted || broken !== undefined || current(post.role, post.slot)?.ready === true;
      const deadlineMs = startMs + post.patienceMs;
      const log = quarters.log(post.role, post.slot);
      await eventually(settled, { deadlineMs, awaited: `${post.role} ${post.slot} to be ready (see ${log})` }).catch(
        (thrown: unknown) => {
          const entering = current(post.role, post.slot)?.entering;
          if (!(thrown instanceof DeadlineError) || entering === undefined) throw thrown;
          const { what, whose } = entering;
          broken = { why: `${what} did not come back within ${deadlineMs / 1000} s; see ${log}`, whose };
        },
      );
      if (broken !== undefined) throw errorOf(broken);
    },
    go(originNs) {
      origin = originNs;
      for (const life of lives) say(life, { type: "go", originNs });
    },
    producersDone: () =>
      lives.every(({ post: { role, slot } }) => role !== "producer" || livesIn(role, slot).some(({ done }) => done)),
    holder: holderOf,
    allSlots: () => [...new Set(lives.map(({ post: { role, slot } }) => slotOf(role, slot)))],
    keepOut: (resource) => void keptOut.add(resource),
    admit(resource) {
      const life = holderOf(resource);
      // One that just ended is followed by another as soon as all that it said is heard.
      if (keptOut.delete(resource) && life !== undefined && !life.process.connected) fill(life.post);
    },
    async clocks(resource, stop) {
      const life = holderOf(resource);
      if (life === undefined || life.exited || !life.ready) throw new Error(`nobody is ready in ${resource}`);
      let told: Clocks | undefined;
      life.asked.push((clocks) => void (told = clocks));
      say(life, { type: "clocks" });
      const answer = (): Clocks | undefined => {
        if (told === undefined && life.exited) throw new Error(`the process in ${resource} ended before it answered`);
        return told;
      };
      return await eventually(answer, { deadlineMs: clocksMs, awaited: `the clocks of ${resource}`, everyMs: 2, stop });
    },
    replacement: (resource, of, stop) =>
      eventually(
        () => {
          if (broken !== undefined) throw new Error(`nobody is started in ${resource} any more: ${broken.why}`);
          const now = holderOf(resource);
          return now !== undefined && now.incarnation > of.incarnation && now.ready && !now.exited ? now : undefined;
        },
        { deadlineMs: replacedMs, awaited: `another process to be ready in ${resource}`, stop },
      ),
    counts: () => tally(lives),
    unanswered() {
      const { sent, acknowledged, refused, unknown } = tally(
        lives.filter(({ exited, post: { role } }) => !exited && role === "producer"),
      );
      return sent - acknowledged - refused - unknown;
    },
    failures: () => [...new Set(lives.flatMap(({ failure }) => failure?.why ?? []))],
    turnover: () => lives.length + lives.filter(({ exited }) => exited).length,
    alive: (role) => lives.filter((life) => life.post.role === role && life.ready && !life.exited).length,
    atWork() {
      const { started, ended, failed } = tally(lives.filter(({ exited }) => !exited));
      return started - ended - failed;
    },
    async stop(role, graceMs) {
      stopping.add(role);
      const left = lives.filter((life) => life.post.role === role && !life.exited);
      for (const life of left) say(life, { type: "stop" });
      const killed: number[] = [];
      await Promise.all(
        left.map(async (life) => {
          const { slot } = life.post;
          const gone = eventually(() => life.exited, {
            deadlineMs: graceMs + goneMs,
            awaited: `${role} ${slot} to exit`,
          });
          await within(gone, graceMs, "its exit").catch(() => signal(life.identity, "SIGKILL") && killed.push(slot));
          await gone;
        }),
      );
      return killed;
    },
    broken: () => broken,
  };
}

function say(life: Life, message: ToChild): void {
  if (life.process.connected) life.process.send(message, () => {}); // one that just died is told by its exit
}
