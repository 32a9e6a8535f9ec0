/**
 * Keeps the fleet: spawns producers and workers as processes of their own, starts another life in a worker's slot when one
 * ends, knows who holds which slot, and adds up what all of them have counted.
 */
import { fork, type ChildProcess } from "node:child_process";
import { openSync } from "node:fs";
import type { Journal } from "../../history/journal-file.ts";
import type { Resource } from "../../history/journal.ts";
import type { ProcessHolder } from "../../chaos/contract.ts";
import { eventually, within } from "../../std/deadline.ts";
import { identify, signal } from "../../std/process-identity.ts";
import { sibling } from "../../std/sibling.ts";
import { UserError } from "../../std/user-error.ts";
import { noCounts, type Assignment, type Counts, type FleetRole, type FromChild, type ToChild } from "./messages.ts";

/** What the supervisor adds by itself. */
type Post = Omit<Assignment, "incarnation" | "historyFile">;

interface Life extends ProcessHolder {
  readonly post: Post;
  readonly process: ChildProcess;
  ready: boolean;
  done: boolean;
  exited: boolean;
  counts: Counts;
  failure: Failure | undefined;
}

/** Why a slot cannot be kept; a mistake is one that whoever configured it can mend. */
export interface Failure {
  readonly why: string;
  readonly mistake: boolean;
}

export interface Fleet {
  /** Resolves once the process is connected and can work, or at `stop`. @throws UserError when it says that its configuration is wrong */
  start(post: Post, stop: AbortSignal): Promise<void>;
  /** Begins the load. */
  go(originNs: number): void;
  /** Every producer has sent all and has all receipts. */
  producersDone(): boolean;
  holder(resource: Resource): ProcessHolder | undefined;
  replacement(resource: Resource, of: ProcessHolder, stop: AbortSignal): Promise<ProcessHolder>;
  counts(): Counts;
  alive(role: FleetRole): number;
  /** Asks all of a role to finish what they hold; kills what has not gone after `graceMs`. Nothing is started again. */
  stop(role: FleetRole, graceMs: number): Promise<void>;
  /** Set when a slot cannot be kept: its process ends again and again, or says that it cannot work. */
  broken(): Failure | undefined;
}

const readyMs = 120_000;
/** Lives that ended by themselves before they were ready, in a row, before a slot is given up. */
const crashesAllowed = 5;

export function fleet(
  files: { history(incarnation: number): string; log(role: FleetRole, slot: number): string },
  journal: Journal,
): Fleet {
  const lives: Life[] = [];
  const stopping = new Set<FleetRole>();
  const crashes = new Map<string, number>();
  let origin: number | undefined;
  let broken: Failure | undefined;

  const current = (role: FleetRole, slot: number): Life | undefined =>
    lives.findLast((life) => life.post.role === role && life.post.slot === slot);

  const spawn = (post: Post): Life => {
    const incarnation = lives.length + 1;
    const log = openSync(files.log(post.role, post.slot), "a");
    const started = fork(sibling(import.meta.url, `./${post.role}-process`), [], {
      detached: true, // a group of its own: Ctrl-C in the terminal reaches the harness, which stops the fleet in order
      stdio: ["ignore", log, log, "ipc"],
      execArgv: [],
    });
    const identity = identify(started.pid ?? -1) ?? { pid: started.pid ?? -1, startedAt: "gone" };
    journal.write({ type: "spawned", identity, role: post.role, slot: post.slot, incarnation });
    const life: Life = {
      identity,
      incarnation,
      post,
      process: started,
      ready: false,
      done: false,
      exited: false,
      counts: noCounts,
      failure: undefined,
    };
    lives.push(life);
    started.on("message", (message: FromChild) => heard(life, message));
    started.on("error", () => {}); // its exit is told apart
    started.on("exit", (code, name) => ended(life, code, name));
    say(life, { type: "assignment", assignment: { ...post, incarnation, historyFile: files.history(incarnation) } });
    return life;
  };

  const heard = (life: Life, message: FromChild): void => {
    if (message.type === "counts") life.counts = message.counts;
    else if (message.type === "done") life.done = true;
    else if (message.type === "failed") life.failure = { why: message.why, mistake: message.mistake };
    else {
      life.ready = true;
      crashes.delete(`${life.post.role}:${life.post.slot}`);
      journal.write({ type: "ready", incarnation: life.incarnation });
      if (origin !== undefined) say(life, { type: "go", originNs: origin });
    }
  };

  const ended = (life: Life, code: number | null, name: string | null): void => {
    life.exited = true;
    journal.write({ type: "exited", identity: life.identity, code, signal: name });
    const { role, slot } = life.post;
    if (stopping.has(role) || broken !== undefined) return;
    const key = `${role}:${slot}`;
    const early = life.ready ? 0 : (crashes.get(key) ?? 0) + 1;
    crashes.set(key, early);
    if (life.failure?.mistake === true || early > crashesAllowed || role === "producer") {
      broken = life.failure ?? {
        why: `${role} ${slot} ended (${name ?? `exit code ${code}`}); see ${files.log(role, slot)}`,
        mistake: false,
      };
    } else {
      spawn(life.post);
    }
  };

  const slotOf = (resource: Resource): Life | undefined => {
    const [slot, role] = resource.split(":").toReversed();
    return role === "worker" || role === "producer" ? current(role, Number(slot)) : undefined;
  };

  return {
    async start(post, stop) {
      spawn(post);
      const settled = () => stop.aborted || broken !== undefined || current(post.role, post.slot)?.ready === true;
      await eventually(settled, {
        deadlineMs: readyMs,
        awaited: `${post.role} ${post.slot} to be ready (see ${files.log(post.role, post.slot)})`,
      });
      if (broken !== undefined) throw broken.mistake ? new UserError(broken.why) : new Error(broken.why);
    },
    go(originNs) {
      origin = originNs;
      for (const life of lives) say(life, { type: "go", originNs });
    },
    producersDone: () => lives.every((life) => life.post.role !== "producer" || life.done),
    holder: slotOf,
    replacement: (resource, of, stop) =>
      eventually(
        () => {
          const now = slotOf(resource);
          return now !== undefined && now.incarnation > of.incarnation && now.ready && !now.exited ? now : undefined;
        },
        { deadlineMs: readyMs, awaited: `another process to be ready in ${resource}`, stop },
      ),
    counts: () => sum(lives.map((life) => life.counts)),
    alive: (role) => lives.filter((life) => life.post.role === role && life.ready && !life.exited).length,
    async stop(role, graceMs) {
      stopping.add(role);
      const left = lives.filter((life) => life.post.role === role && !life.exited);
      for (const life of left) say(life, { type: "stop" });
      await Promise.all(
        left.map(async (life) => {
          const gone = eventually(() => life.exited, {
            deadlineMs: readyMs,
            awaited: `${role} ${life.post.slot} to exit`,
          });
          await within(gone, graceMs, "its exit").catch(() => signal(life.identity, "SIGKILL"));
          await gone;
        }),
      );
    },
    broken: () => broken,
  };
}

function say(life: Life, message: ToChild): void {
  if (life.process.connected) life.process.send(message, () => {}); // one that just died is told by its exit
}

const sum = (all: readonly Counts[]): Counts => ({
  sent: total(all, "sent"),
  acknowledged: total(all, "acknowledged"),
  refused: total(all, "refused"),
  unknown: total(all, "unknown"),
  started: total(all, "started"),
  ended: total(all, "ended"),
  failed: total(all, "failed"),
  settled: total(all, "settled"),
  behindMs: Math.max(0, ...all.map((counts) => counts.behindMs)),
});

const total = (all: readonly Counts[], name: keyof Counts): number =>
  all.reduce((soFar, counts) => soFar + counts[name], 0);
