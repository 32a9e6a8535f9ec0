/**
 * The processes of one configuration in one round: a fleet that is started once, and idle until it is its turn, so that
 * what a process costs to start is no part of any figure.
 */
import { fleet } from "../../fleet/supervisor.ts";
import { MemberError } from "../../fleet/life.ts";
import type { FleetRole, MeasuredWork, Stretch } from "../../fleet/messages.ts";
import type { Post, Quarters } from "../../fleet/slots.ts";
import type { Journal } from "../../history/journal-file.ts";
import { messageOf, UserError } from "../../std/user-error.ts";

export interface Team extends AsyncDisposable {
  /** As fast as the system takes them. */
  enqueue(from: number, to: number): Promise<void>;
  /** Evenly over the time. */
  offer(from: number, to: number, originNs: number, seconds: number): Promise<void>;
  /** @param measured the stretch whose processor time is asked, until the next rest */
  work(measured?: MeasuredWork): Promise<void>;
  /** What the stretch of work took, of each worker that did any of it. */
  rest(): Promise<readonly Stretch[]>;
  /** Jobs that came to their end, and whatever happened to jobs, as last told. */
  progress(): { readonly finished: number; readonly moves: number };
  /** Resolves when all have left in order. @throws when one has not */
  leave(): Promise<void>;
}

export type Files = Pick<Quarters, "history" | "log">;

const leaveMs = 30_000;
/** Soon enough to tell when a slice is over. */
const tellingMs = 10;
const never = new AbortController().signal;

/**
 * @param post of every process, but for its role, slot and links
 * @param journals each is told of every process: the round's, and the comparison's own, by which they are ended after a
 * crash
 */
export async function startTeam(
  post: Omit<Post, "role" | "slot" | "links" | "countsEveryMs">,
  linksOf: (role: FleetRole, slot: number) => Post["links"],
  { tellsSettlements, ...files }: Files & { readonly tellsSettlements: boolean },
  journals: readonly Journal[],
): Promise<Team> {
  let flaw: MemberError | undefined;
  const crew = fleet(
    { ...files, variables: () => ({}), flaw: (why) => void (flaw ??= new MemberError(why)), replaces: false },
    ...journals,
  );
  const { load } = post;
  const of = (role: FleetRole): readonly number[] => Array.from({ length: load[`${role}s`] }, (_, slot) => slot);
  const stopAll = (ms: number) => Promise.all([crew.stop("producer", ms), crew.stop("worker", ms)]);
  const start = (role: FleetRole): readonly Promise<void>[] =>
    of(role).map((slot) =>
      crew.start({ ...post, role, slot, links: linksOf(role, slot), countsEveryMs: tellingMs }, never),
    );
  const order: typeof crew.order = async (role, slot, what) => {
    // What an adapter does against its contract is told in between.
    if (flaw !== undefined) throw flaw;
    return await crew.order(role, slot, what);
  };
  try {
    await Promise.all([...start("producer"), ...start("worker")]);
  } catch (thrown) {
    await stopAll(0);
    throw thrown instanceof UserError ? thrown : new MemberError(messageOf(thrown));
  }
  return {
    async enqueue(from, to) {
      const shares = sharesOf(from, to, load.producers);
      await Promise.all(shares.map((share, slot) => order("producer", slot, { do: "enqueue", ...share })));
    },
    async offer(from, to, originNs, seconds) {
      const shares = sharesOf(from, to, load.producers).map((share) => ({ ...share, originNs, seconds }));
      await Promise.all(shares.map((share, slot) => order("producer", slot, { do: "offer", ...share })));
    },
    async work(measured) {
      // How many of the jobs will be whose, nobody knows.
      const own = measured === undefined || of("worker").length === 1 ? measured : { brokers: measured.brokers };
      const what = { do: "work", ...(own === undefined ? {} : { measured: own }) } as const;
      await Promise.all(of("worker").map((slot) => order("worker", slot, what)));
    },
    async rest() {
      const done = await Promise.all(of("worker").map((slot) => order("worker", slot, { do: "rest" })));
      return done.flatMap(({ stretch }) => stretch ?? []);
    },
    progress() {
      const { settled, ended, failed, failedForGood } = crew.counts();
      return { finished: tellsSettlements ? settled : ended + failedForGood, moves: settled + ended + failed };
    },
    async leave() {
      const killed = (await stopAll(leaveMs)).flat();
      if (killed.length > 0) throw new MemberError(`${killed.length} of its processes did not leave`);
    },
    [Symbol.asyncDispose]: async () => void (await stopAll(0)),
  };
}

interface Share {
  readonly from: number;
  readonly to: number;
}

/** Of each producer. */
function sharesOf(from: number, to: number, producers: number): readonly Share[] {
  const at = (slot: number): number => from + Math.round(((to - from) * slot) / producers);
  return Array.from({ length: producers }, (_, slot) => ({ from: at(slot), to: at(slot + 1) }));
}
