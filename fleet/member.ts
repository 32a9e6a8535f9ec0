/** What producers and workers have in common: an assignment, a recorder, a connection, counts, and an end. */
import { writeSync } from "node:fs";
import { unwritableCode } from "../history/journal.ts";
import { openRecorder, type Recorder, type Write } from "../history/recorder.ts";
import { calendarNow, monotonic } from "../std/clock.ts";
import { beat } from "../std/turn.ts";
import { ForeignError } from "../std/entrusted.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import type { Connection } from "../systems/contract.ts";
import { library, loadCatalogues } from "../catalogues/configuration.ts";
import { unmark } from "../std/mark.ts";
import type { Assignment, Counts, FromChild, ToChild } from "./messages.ts";
import { noCounts } from "./messages.ts";
import { connectTo } from "./adapter/connect.ts";

export interface Child {
  readonly assignment: Assignment;
  readonly recorder: Recorder;
  readonly connection: Connection;
  /** Kept up to date by the owner, told to the harness four times a second. */
  readonly counts: { -readonly [Name in keyof Counts]: Counts[Name] };
  /** Aborted when this process is asked to stop, by the harness or by SIGTERM. */
  readonly stop: AbortSignal;
  /** The start of the load, once the harness has said it. */
  readonly origin: Promise<number>;
  tell(message: FromChild): void;
}

const countsEveryMs = 250;
/** Whoever reads of so many needs no more. */
const flawsMax = 5;

/** Runs one child from assignment to exit. Its promise is its life: the process ends with it. */
export function child(live: (self: Child) => Promise<void>): void {
  unmark();
  const stop = new AbortController();
  const assigned = Promise.withResolvers<Assignment>();
  const origin = Promise.withResolvers<number>();
  const tell = (message: FromChild): void => {
    if (process.connected) process.send?.(message);
  };
  const flaws = new Set<string>();
  const flaw = (why: string, isGrave = false): void => {
    if (flaws.has(why) || flaws.size === flawsMax) return;
    flaws.add(why);
    tell({ type: "flaw", why, isGrave });
  };
  process.on("message", (message: ToChild) => {
    if (message.type === "assignment") assigned.resolve(message.assignment);
    else if (message.type === "go") origin.resolve(message.originNs);
    else if (message.type === "clocks")
      tell({ type: "clocks", wallMs: calendarNow().getTime(), monotonicNs: monotonic.nowNs() });
    else stop.abort();
  });
  process.on("SIGTERM", () => stop.abort());
  // The harness is gone: nobody records what we do from here on, so do nothing more.
  process.on("disconnect", () => process.exit(1));
  // Ctrl-C in a terminal is the harness's to handle.
  process.on("SIGINT", () => {});
  const run = async (): Promise<void> => {
    const assignment = await assigned.promise;
    const recorder = openRecorder(assignment.historyFile, assignment, monotonic, writeOrEnd);
    const { configuration, system, directory } = assignment;
    tell({ type: "entering", what: configuration, whose: "user" });
    const { systems } = await loadCatalogues(configuration);
    tell({ type: "entering", what: `system "${system}": connect`, whose: "system" });
    const connection = await connectTo(systems, assignment, { load: (name) => library(name, directory).load(), flaw });
    const counts = { ...noCounts };
    using scope = new DisposableStack();
    scope.use(beat(countsEveryMs, () => tell({ type: "counts", counts })));
    tell({ type: "ready" });
    await live({ assignment, recorder, connection, counts, stop: stop.signal, origin: origin.promise, tell });
    await connection[Symbol.asyncDispose]();
    recorder.close();
    tell({ type: "counts", counts });
  };
  const fail = (why: string, thrown: unknown): void => {
    const whose = thrown instanceof UserError ? "user" : thrown instanceof ForeignError ? "system" : "ours";
    const unsettled = thrown instanceof ForeignError && thrown.how === "unsettled";
    tell({ type: "failed", why, whose, unsettled });
    console.error(thrown);
    process.exit(1);
  };
  // Most likely the adapter's: nothing of ours is left to itself.
  process.on("uncaughtException", (thrown) => {
    const why = `nobody caught an error: ${messageOf(thrown)}`;
    fail(why, new ForeignError("threw", why, { cause: thrown }));
  });
  run().then(
    () => process.exit(0),
    (thrown: unknown) => fail(messageOf(thrown), thrown),
  );
}

/** To fail its jobs, and go on, would be a deed that is on no file: to the judge, the queue would have made it up. */
const writeOrEnd: Write = (descriptor, bytes, from, length) => {
  try {
    return writeSync(descriptor, bytes, from, length);
  } catch (thrown) {
    console.error("the history cannot be written", thrown);
    process.exit(unwritableCode);
  }
};
