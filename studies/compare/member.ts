/** What producers and workers of a comparison have in common: alive for a whole round, idle until they get an order. */
import { loadSystem } from "../../catalogues/catalogues.ts";
import { library, loadCatalogues } from "../../catalogues/configuration.ts";
import { connectTo } from "../../fleet/adapter/connect.ts";
import { unmark } from "../../std/mark.ts";
import { openRecorder, type Recorder } from "../../history/recorder.ts";
import { monotonic } from "../../std/clock.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import type { Connection } from "../../systems/contract.ts";
import type { Assignment, FromMember, Order, ToMember, Turns } from "./messages.ts";

export interface Member {
  readonly assignment: Assignment;
  readonly recorder: Recorder;
  readonly tellsSettlements: boolean;
  connect(): Promise<Connection>;
  tell(message: FromMember): void;
}

/** What it does with an order; `leave` comes last. */
export interface Duties {
  obey(order: Order): Promise<Turns | undefined>;
  leave(): Promise<void>;
}

/** Runs one process from assignment to exit. */
export function member(takeUp: (self: Member) => Promise<Duties>): void {
  unmark();
  const tell = (message: FromMember): void => {
    if (process.connected) process.send?.(message);
  };
  const failed = (thrown: unknown): void => {
    tell({ type: "failed", why: messageOf(thrown), mistake: thrown instanceof UserError });
    console.error(thrown);
    process.exit(1);
  };
  // The round ends with the next order, and says why.
  const flaw = (why: string): void => tell({ type: "failed", why, mistake: false });
  let begun: Promise<{ readonly duties: Duties; readonly recorder: Recorder }> | undefined;

  const begin = async (assignment: Assignment) => {
    const recorder = openRecorder(assignment.historyFile, assignment, monotonic);
    const { systems } = await loadCatalogues(assignment.configuration);
    const connect = (): Promise<Connection> =>
      connectTo(systems, assignment, { load: (name) => library(name, assignment.directory).load(), flaw });
    const entry = systems[assignment.system];
    if (entry === undefined) throw new UserError(`no system is called "${assignment.system}"`);
    const { tellsSettlements } = await loadSystem(assignment.system, entry);
    const duties = await takeUp({ assignment, recorder, tellsSettlements, connect, tell });
    tell({ type: "ready" });
    return { duties, recorder };
  };
  const heard = async (message: ToMember): Promise<void> => {
    if (message.type === "assignment") {
      begun = begin(message.assignment);
      await begun;
      return;
    }
    if (begun === undefined) throw new Error("an order came before the assignment");
    const { duties, recorder } = await begun;
    if (message.type === "order") {
      tell({ type: "done", turns: await duties.obey(message.order) });
      return;
    }
    await duties.leave();
    recorder.close();
    process.exit(0);
  };

  process.on("message", (message: ToMember) => void heard(message).catch(failed));
  // The driver is gone: nobody gives orders any more.
  process.on("disconnect", () => process.exit(1));
  // Ctrl-C in a terminal is the driver's to handle.
  process.on("SIGINT", () => {});
}
