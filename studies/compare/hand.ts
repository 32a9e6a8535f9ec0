/** One process of a team as its driver sees it: forked, on file before it does anything, given orders, seen to its end. */
import { fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { FleetRole } from "../../fleet/messages.ts";
import { marked } from "../../std/mark.ts";
import type { Journal } from "../../history/journal-file.ts";
import { DeadlineError, within } from "../../std/deadline.ts";
import { gone } from "../../std/launch.ts";
import { identify, signal } from "../../std/process-identity.ts";
import { sibling } from "../../std/sibling.ts";
import { UserError } from "../../std/user-error.ts";
import type { Assignment, FromMember, Order, ToMember, Turns } from "./messages.ts";

export type Post = Omit<Assignment, "role" | "slot" | "incarnation" | "historyFile">;

export interface Files {
  history(incarnation: number): string;
  log(role: FleetRole): string;
}

export interface Hand {
  readonly name: string;
  readonly ready: Promise<void>;
  /** As last told. */
  progress(): { readonly ended: number; readonly settled: number };
  /** One order at a time. @throws TeamError when the process ends or fails, UserError when its configuration is wrong */
  obey(order: Order): Promise<Turns | undefined>;
  leave(): Promise<void>;
  kill(): Promise<void>;
}

/** A mishap of a configuration: whose process, and what. */
export class TeamError extends Error {
  override readonly name = "TeamError";
}

const leaveMs = 30_000;
/** Longer than any order takes beside the time that it gives itself: an adapter that hangs hangs no comparison. */
const orderMs = 120_000;

export function startHand(
  post: Post,
  role: FleetRole,
  incarnation: number,
  files: Files,
  journals: readonly Journal[],
): Hand {
  const log = openSync(files.log(role), "a");
  const started = fork(sibling(import.meta.url, `./${role}-process`), [], {
    detached: true, // a group of its own: Ctrl-C in the terminal reaches the driver, which stops the team in order
    stdio: ["ignore", log, log, "ipc"],
    execArgv: [],
    env: { ...process.env, ...marked() },
  });
  closeSync(log);
  const identity = identify(started.pid ?? -1) ?? { pid: started.pid ?? -1, startedAt: "gone" };
  const write = (entry: Parameters<Journal["write"]>[0]): void => {
    for (const journal of journals) journal.write(entry);
  };
  write({ type: "spawned", identity, role, slot: 0, incarnation });
  const name = `the ${role} of ${post.system}`;
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  let progress = { ended: 0, settled: 0 };
  let answer: PromiseWithResolvers<Turns | undefined> | undefined;
  let failure: Error | undefined;
  ready.promise.catch(() => {}); // told to whoever waits for it

  started.on("message", (message: FromMember) => {
    if (message.type === "ready") {
      write({ type: "ready", incarnation });
      ready.resolve();
    } else if (message.type === "progress") progress = { ended: message.ended, settled: message.settled };
    else if (message.type === "done") answer?.resolve(message.turns);
    else failure = message.mistake ? new UserError(message.why) : new TeamError(`${name}: ${message.why}`);
  });
  started.on("error", () => {}); // its exit is told apart
  started.on("exit", (code, cause) => {
    write({ type: "exited", identity, code, signal: cause });
    failure ??= new TeamError(`${name} ended (${cause ?? `exit code ${code}`}); see ${files.log(role)}`);
    ready.reject(failure);
    answer?.reject(failure);
    exited.resolve();
  });
  const say = (message: ToMember): void => {
    if (started.connected) started.send(message, () => {}); // one that just died is told by its exit
  };
  const historyFile = files.history(incarnation);
  say({ type: "assignment", assignment: { ...post, role, slot: 0, incarnation, historyFile } });
  return {
    name,
    ready: ready.promise,
    progress: () => progress,
    async obey(order) {
      if (failure !== undefined) throw failure;
      answer = Promise.withResolvers();
      answer.promise.catch(() => {}); // also when nobody waits any more
      say({ type: "order", order });
      const ms = orderMs + (order.do === "offer" ? order.seconds * 1000 : 0);
      return await within(answer.promise, ms, `${name} to ${order.do}`).catch((thrown: unknown) => {
        throw thrown instanceof DeadlineError ? (failure = new TeamError(thrown.message)) : thrown;
      });
    },
    async leave() {
      say({ type: "leave" });
      await within(exited.promise, leaveMs, `${name} to leave`);
    },
    async kill() {
      if (signal(identity, "SIGKILL")) await gone(identity, leaveMs);
    },
  };
}
