/**
 * A system's connection as the harness uses it: whatever an adapter does (hang, throw, answer with something else than
 * its contract says), it is told by name, ends in time, and is never taken for what the queue did.
 */
import { entrusted, ForeignError, named } from "../../std/entrusted.ts";
import { messageOf } from "../../std/user-error.ts";
import type { Connection, Job, Receipt, Work } from "../../systems/contract.ts";
import { pages, shown, type ScanTerms } from "./pages.ts";

/** Its patience is for whatever is asked of the adapter. */
export interface Guard extends ScanTerms {
  /** Makes the verdict unknown; a grave one ends the run, since what follows would look like the queue's doing. */
  flaw(why: string, isGrave?: boolean): void;
}

/** Less than a process has that is asked to stop. */
const disposalMs = 10_000;

/** @throws ForeignError naming the system for all that it throws, but a UserError, and for what is no connection */
export async function guardedConnect(connect: () => Promise<Connection>, guard: Guard): Promise<Connection> {
  const what = `${guard.name}: connect`;
  const connected: unknown = await named(what, () => entrusted(what, connect, guard.patienceMs));
  if (isConnection(connected)) return guarded(connected, guard);
  throw new ForeignError(
    "junk",
    `${what} gave ${shown(connected)}, and no connection with enqueue, work, scan and [Symbol.asyncDispose]`,
  );
}

const isConnection = (value: unknown): value is Connection =>
  typeof value === "object" &&
  value !== null &&
  ["enqueue", "work", "scan", Symbol.asyncDispose].every((method) => typeof Reflect.get(value, method) === "function");

function guarded(connection: Connection, guard: Guard): Connection {
  const { name, flaw, patienceMs } = guard;
  const { queue } = connection;
  const depth = connection.depth?.bind(connection);
  return {
    async enqueue(jobs) {
      try {
        return receiptsOf(jobs, await connection.enqueue(jobs), guard);
      } catch (thrown) {
        flaw(`${name}: enqueue threw: ${messageOf(thrown)}; what became of a job is a receipt, if only "unknown"`);
        return jobs.map(() => untold);
      }
    },
    work: (work, stop) => named(`${name}: work`, () => connection.work(checked(work, guard), stop)),
    scan: () => pages(() => connection.scan(), guard),
    ...(queue === undefined ? {} : { queue }),
    ...(depth === undefined
      ? {}
      : { depth: async () => depthIn(await entrusted(`${name}: depth`, depth, patienceMs), guard) }),
    async [Symbol.asyncDispose]() {
      const what = `${name}: disposal of the connection`;
      const disposed = () => entrusted(what, () => connection[Symbol.asyncDispose](), Math.min(patienceMs, disposalMs));
      await named(what, disposed).catch((thrown: unknown) => flaw(messageOf(thrown)));
    },
  };
}

const untold: Receipt = { outcome: "unknown", why: "the system did not tell" };

function receiptsOf(jobs: readonly Job[], answer: unknown, { name, flaw }: Guard): readonly Receipt[] {
  const receipts: readonly unknown[] = Array.isArray(answer) ? answer : [];
  if (receipts.length !== jobs.length) {
    const what = Array.isArray(answer) ? `${receipts.length} receipts` : shown(answer);
    flaw(`${name}: enqueue answered a call with ${jobs.length} jobs by ${what}, and not by a receipt for each`);
  }
  return jobs.map((_, index) => {
    const receipt = receipts[index];
    if (isReceipt(receipt)) return receipt;
    if (index < receipts.length) flaw(`${name}: enqueue gave ${shown(receipt)} for a receipt`);
    return untold;
  });
}

const isReceipt = (value: unknown): value is Receipt =>
  typeof value === "object" &&
  value !== null &&
  "outcome" in value &&
  ((value.outcome === "ok" &&
    "id" in value &&
    typeof value.id === "string" &&
    (!("duplicate" in value) || typeof value.duplicate === "boolean")) ||
    value.outcome === "refused" ||
    value.outcome === "unknown");

/** What is handed over has to be a delivery before it is looked at. */
const checked = ({ handle, settled, concurrency }: Work, { name, flaw }: Guard): Work => {
  const check = (given: unknown, to: string): void => {
    if (typeof given === "object" && given !== null && "payload" in given && typeof given.payload === "string") return;
    const why = `${name}: work called ${to} with ${shown(given)}, and not with { payload, attempt }`;
    flaw(why, true);
    throw new ForeignError("junk", why);
  };
  return {
    concurrency,
    async handle(delivery, signal) {
      check(delivery, "handle");
      await handle(delivery, signal instanceof AbortSignal ? signal : unending);
    },
    settled(delivery, settlement) {
      check(delivery, "settled");
      settled(delivery, settlement);
    },
  };
};

const unending = new AbortController().signal;

function depthIn(answer: unknown, { name, flaw }: Guard): number {
  if (typeof answer === "number" && answer >= 0) return answer;
  flaw(`${name}: depth gave ${shown(answer)}, and no number`);
  throw new ForeignError("junk", `${name}: depth gave no number`);
}
