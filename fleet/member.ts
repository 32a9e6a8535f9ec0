/**
 * A process of a fleet, from its assignment to its exit: it carries out orders, tells its counts, and leaves when it is
 * told to.
 */
import { unmark } from "../std/mark.ts";
import { calendarNow, monotonic } from "../std/clock.ts";
import { ForeignError } from "../std/entrusted.ts";
import { beat } from "../std/turn.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import type { Assignment, JobCounts, Done, FromMember, Order, ToMember, Whose } from "./messages.ts";
import { noCounts } from "./messages.ts";

export interface Member {
  readonly assignment: Assignment;
  /** Kept up to date by the owner, told to the supervisor in the assignment's rhythm. */
  readonly counts: { -readonly [Name in keyof JobCounts]: JobCounts[Name] };
  /** Aborted when it is to leave, by its supervisor or by SIGTERM. */
  readonly leaving: AbortSignal;
  /** What it calls next is not ours. */
  entering(what: string, whose: Exclude<Whose, "ours">): void;
  /** The adapter did not do what its contract says. */
  flaw(why: string, isGrave?: boolean): void;
  /** It ends by itself: in order, or by what was thrown. */
  end(thrown?: unknown): void;
}

export interface Duties {
  /** Undefined: it was to leave before that was carried out, and it is for others to go on. */
  obey(order: Order): Promise<Pick<Done, "stretch"> | undefined>;
  /** Finishes what is in hand, and closes. */
  leave(): Promise<void>;
}

/** Whoever reads of so many needs no more. */
const flawsMax = 5;

/** Runs one process: it ends with the duties. @param takeUp is ready for orders when it resolves */
export function member(takeUp: (self: Member) => Promise<Duties>): void {
  unmark();
  const leaving = new AbortController();
  const counts = { ...noCounts };
  let begun: Promise<Duties> | undefined;
  let obeyed: Promise<void> = Promise.resolve();
  let told = "";

  const tellCounts = (): void => {
    const now = Object.values(counts).join();
    if (now !== told) tell({ type: "counts", counts });
    told = now;
  };
  const begin = async (assignment: Assignment): Promise<Duties> => {
    const end = (thrown?: unknown): void => (thrown === undefined ? leave() : fail(thrown));
    const duties = await takeUp({ assignment, counts, leaving: leaving.signal, entering, flaw: flaws(), end });
    beat(assignment.countsEveryMs, tellCounts);
    tell({ type: "ready" });
    return duties;
  };
  const obey = async (order: Order): Promise<void> => {
    const duties = await begun;
    if (duties === undefined) throw new Error("an order came before the assignment");
    const fromNs = monotonic.nowNs();
    const measured = await duties.obey(order);
    tellCounts();
    if (measured !== undefined) tell({ type: "done", done: { fromNs, toNs: monotonic.nowNs(), ...measured } });
  };
  const leave = (): void => {
    if (leaving.signal.aborted) return;
    leaving.abort();
    const left = async (): Promise<void> => {
      const duties = await begun;
      await obeyed;
      await duties?.leave();
      tellCounts();
    };
    left().then(() => process.exit(0), fail);
  };

  process.on("message", (message: ToMember) => {
    if (message.type === "assignment") (begun = begin(message.assignment)).catch(fail);
    else if (message.type === "order") (obeyed = obeyed.then(() => obey(message.order))).catch(fail);
    else if (message.type === "clocks")
      tell({ type: "clocks", wallMs: calendarNow().getTime(), monotonicNs: monotonic.nowNs() });
    else leave();
  });
  process.on("SIGTERM", leave);
  endWithSupervisor();
}

function endWithSupervisor(): void {
  // The supervisor is gone: nobody records what we do from here on, so do nothing more.
  process.on("disconnect", () => process.exit(1));
  // Ctrl-C in a terminal is the supervisor's to handle.
  process.on("SIGINT", () => {});
  // Most likely the adapter's: nothing of ours is left to itself.
  process.on("uncaughtException", (thrown) => {
    const why = `nobody caught an error: ${messageOf(thrown)}`;
    fail(new ForeignError("threw", why, { cause: thrown }));
  });
}

/** What it was that ended this process is told, and stands in its log. */
function fail(thrown: unknown): void {
  const unsettled = thrown instanceof ForeignError && thrown.how === "unsettled";
  tell({ type: "failed", why: messageOf(thrown), whose: whoseIs(thrown), unsettled });
  console.error(thrown);
  process.exit(1);
}

const entering: Member["entering"] = (what, whose) => tell({ type: "entering", what, whose });

/** Each is told once. */
function flaws(): Member["flaw"] {
  const told = new Set<string>();
  return (why, isGrave = false) => {
    if (told.has(why) || told.size === flawsMax) return;
    told.add(why);
    tell({ type: "flaw", why, isGrave });
  };
}

const tell = (message: FromMember): void => {
  if (process.connected) process.send?.(message);
};

const whoseIs = (thrown: unknown): Whose =>
  thrown instanceof UserError ? "user" : thrown instanceof ForeignError ? "system" : "ours";
