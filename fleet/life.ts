/**
 * One process of a fleet as its supervisor sees it: forked, on file before it does anything, given orders, seen to its
 * end.
 */
import { fork, type ChildProcess } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clocks, ProcessHolder } from "../chaos/contract.ts";
import type { Journal } from "../history/journal-file.ts";
import { cacheDirectory } from "../std/cache-directory.ts";
import { marked } from "../std/mark.ts";
import { identify } from "../std/process-identity.ts";
import { UserError } from "../std/user-error.ts";
import { silentEnd, type Entering, type Exit, type Failure } from "./failure.ts";
import { lastWords, lengthOf } from "./last-words.ts";
import {
  noCounts,
  type Assignment,
  type JobCounts,
  type Done,
  type FromMember,
  type Order,
  type ToMember,
} from "./messages.ts";

export interface Life extends ProcessHolder {
  readonly post: Pick<Assignment, "role" | "slot">;
  readonly exited: boolean;
  /** It says nothing any more. */
  readonly silent: boolean;
  readonly counts: JobCounts;
  /** Why it ended by itself, as far as it said. */
  readonly failure: (Failure & { readonly unsettled: boolean }) | undefined;
  /** What it calls that is not ours, until it is ready. */
  readonly entering: Entering | undefined;
  /** One order at a time. @throws UserError, MemberError when the process ends before it is carried out */
  obey(order: Order): Promise<Done>;
  /** Asked at once, whatever it does. */
  clocks(): Promise<Clocks>;
  leave(): void;
}

/** Told of what becomes of it. */
export interface Watcher {
  ready(life: Life): void;
  /** All that it said is heard. */
  ended(life: Life, exit: Exit): void;
  /** The adapter did not do what its contract says. */
  flaw(why: string, isGrave: boolean): void;
  /** There is no such process: the machine has none left, or no memory. */
  unstartable(why: string): void;
}

/** Where a process lives. */
export interface Lodging {
  /** The module that it runs. */
  readonly program: string;
  readonly log: string;
  /** Of its environment, beside those of this process. */
  readonly variables: Readonly<Record<string, string>>;
  /** Each is told of the process. */
  readonly journals: readonly Journal[];
}

/** A process did not carry out its order: which, and why. */
export class MemberError extends Error {
  override readonly name = "MemberError";
}

/** Node keeps what it made of our modules here: another life is ready after two thirds of the CPU time. */
const compiled = join(cacheDirectory(), "compiled");

function forked({ program, log: file, variables }: Lodging): ChildProcess {
  const log = openSync(file, "a");
  const started = fork(program, [], {
    detached: true, // a group of its own: Ctrl-C in the terminal reaches the supervisor, which stops the fleet in order
    stdio: ["ignore", log, log, "ipc"],
    execArgv: [],
    env: { NODE_COMPILE_CACHE: compiled, ...process.env, ...marked(variables) },
  });
  closeSync(log);
  return started;
}

export function startLife(assignment: Assignment, lodging: Lodging, watcher: Watcher): Life {
  const { role, slot, incarnation } = assignment;
  const said = lengthOf(lodging.log);
  const started = forked(lodging);
  const write = (entry: Parameters<Journal["write"]>[0]): void => {
    for (const journal of lodging.journals) journal.write(entry);
  };
  const identity = identify(started.pid ?? -1) ?? { pid: started.pid ?? -1, startedAt: "gone" };
  write({ type: "spawned", identity, role, slot, incarnation });

  const life = talkingTo(started, { identity, incarnation, post: { role, slot } });

  const heard = (message: FromMember): void => {
    if (message.type === "failed") life.failure = message;
    else if (message.type === "entering") life.entering = message;
    else if (message.type === "flaw") watcher.flaw(message.why, message.isGrave);
    else if (message.type === "ready") {
      life.ready = true;
      life.entering = undefined;
      write({ type: "ready", incarnation });
      watcher.ready(life);
    } else life.answered(message);
  };
  const end = (exit: Exit): void => {
    const { why, whose } = life.failure ?? silentEnd(`${role} ${slot}`, life.entering, exit, lodging.log);
    life.over(whose === "user" ? new UserError(why) : new MemberError(why));
    watcher.ended(life, exit);
  };

  started.on("message", heard);
  started.on("error", (error) => {
    // Of one that was there its exit is told apart.
    if (started.pid === undefined) watcher.unstartable(`${role} ${slot} cannot be started: ${error.message}`);
  });
  started.on("exit", (code, signal) => {
    life.exited = true;
    write({ type: "exited", identity, code, signal, ...leftBy(assignment, lodging, said) });
    // What it said last may not have been heard yet.
    if (started.connected) started.once("disconnect", () => end({ code, signal }));
    else end({ code, signal });
  });
  life.say({ type: "assignment", assignment });
  return life;
}

/** How long its history is, and what it printed last. */
function leftBy({ historyFile }: Assignment, { log }: Lodging, said: number) {
  const written = statSync(historyFile, { throwIfNoEntry: false });
  const words = lastWords(log, said);
  return {
    ...(written === undefined ? {} : { bytes: written.size }),
    ...(words.length === 0 ? {} : { lastWords: words }),
  };
}

const clocksOf = (incarnation: number, { wallMs, monotonicNs }: Omit<Clocks, "incarnation">): Clocks => ({
  incarnation,
  wallMs,
  monotonicNs,
});

/** A life as far as it is asked and answers. */
function talkingTo(started: ChildProcess, head: Pick<Life, "identity" | "incarnation" | "post">) {
  const asked: ((clocks: Clocks) => void)[] = [];
  let answer: PromiseWithResolvers<Done> | undefined;
  let over: Error | undefined;
  const say = (message: ToMember): void => {
    if (started.connected) started.send(message, () => {}); // one that just died is told by its exit
  };
  return {
    ...head,
    ready: false,
    exited: false,
    get silent() {
      return !started.connected;
    },
    counts: noCounts,
    failure: undefined as Life["failure"],
    entering: undefined as Life["entering"],
    say,
    async obey(order: Order): Promise<Done> {
      if (over !== undefined) throw over;
      answer = Promise.withResolvers();
      say({ type: "order", order });
      return await answer.promise;
    },
    clocks: () =>
      new Promise<Clocks>((resolve) => {
        asked.push(resolve);
        say({ type: "clocks" });
      }),
    leave: () => say({ type: "leave" }),
    answered(message: Extract<FromMember, { readonly type: "counts" | "done" | "clocks" }>): void {
      if (message.type === "counts") this.counts = message.counts;
      else if (message.type === "done") answer?.resolve(message.done);
      else asked.shift()?.(clocksOf(head.incarnation, message));
    },
    over(by: Error): void {
      over = by;
      answer?.promise.catch(() => {}); // also when nobody waits any more
      answer?.reject(by);
    },
  };
}
