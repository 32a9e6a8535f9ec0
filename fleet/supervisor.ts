/**
 * Keeps a fleet: producers and workers as processes of their own, whatever they are for. It starts them, gives them
 * orders, knows who holds which slot, adds up what all of them have counted, and sees them to their end.
 */
import type { Clocks } from "../chaos/contract.ts";
import type { ProcessRegistry } from "../chaos/levers/process.ts";
import type { Journal } from "../history/journal-file.ts";
import { DeadlineError, eventually, within } from "../std/deadline.ts";
import { signal } from "../std/process-identity.ts";
import { errorOf, type Failure } from "./failure.ts";
import { MemberError, type Life } from "./life.ts";
import type { JobCounts, Done, FleetRole, Order } from "./messages.ts";
import { Slots, type Post, type Quarters } from "./slots.ts";
import { tally } from "./tally.ts";

/** How it goes, as far as its processes have told. */
export interface Census {
  /** All jobs were sent, and the receipts of those who sent the last ones are in. */
  producersDone(): boolean;
  counts(): JobCounts;
  alive(role: FleetRole): number;
  /** Jobs that producers have handed over, and have no answer for. */
  unanswered(): number;
  /** Why lives have ended by themselves, each reason once. */
  failures(): readonly string[];
  /** Handlers that have begun and not come back; what a dead process had begun is nobody's work any more. */
  atWork(): number;
  /** Lives that have begun, and that have ended: a fleet in which anyone comes or goes is not at rest. */
  turnover(): number;
}

export interface Fleet extends ProcessRegistry, Census {
  /**
   * Resolves once the process is connected and can work, or at `stop`. @throws UserError, ForeignError when it is
   * theirs that it cannot
   */
  start(post: Post, stop: AbortSignal): Promise<void>;
  /** What each of a role has to do from when it is ready: those who are there, and those who come after them. */
  stand(role: FleetRole, order: Order): void;
  /** One order to who holds the slot, one at a time. @throws UserError, MemberError when it is not carried out */
  order(role: FleetRole, slot: number, order: Order): Promise<Done>;
  /**
   * Asks all of a role to finish what they hold; kills what has not gone after `graceMs`. Nothing is started again.
   * @returns the slots that had to be killed
   */
  stop(role: FleetRole, graceMs: number): Promise<readonly number[]>;
  /** Set when a slot cannot be kept: its process ends again and again, or says that it cannot work. */
  broken(): Failure | undefined;
}

/** For a process to start and to load what it needs, beside the patience that its adapter has. */
const startMs = 60_000;
const replacedMs = 120_000;
/** SIGKILL needs no consent, only a scheduler. */
const goneMs = 120_000;
const clocksMs = 5000;
/** Longer than any order takes beside the time that it gives itself: an adapter that hangs hangs nobody else. */
const orderMs = 120_000;

/** @param journals each is told of every process */
export function fleet(quarters: Quarters, ...journals: readonly Journal[]): Fleet {
  const slots = new Slots(quarters, journals);
  return {
    ...registryOf(slots),
    ...censusOf(slots),
    async start(post, stop) {
      slots.spawn(post);
      await untilReady(slots, post, { log: quarters.log(post.role, post.slot), stop });
      if (slots.broken !== undefined) throw errorOf(slots.broken);
    },
    stand: (role, order) => slots.stand(role, order),
    async order(role, slot, order) {
      const name = `${role} ${slot}`;
      const life = slots.current(role, slot);
      if (life === undefined) throw new MemberError(`there is no ${name}`);
      const ms = orderMs + (order.do === "offer" ? order.seconds * 1000 : 0);
      return await within(life.obey(order), ms, `${name} to ${order.do}`).catch((thrown: unknown) => {
        throw thrown instanceof DeadlineError ? new MemberError(thrown.message) : thrown;
      });
    },
    async stop(role, graceMs) {
      slots.close(role);
      const left = slots.lives.filter((life) => life.post.role === role && !life.exited);
      for (const life of left) life.leave();
      const killed = await Promise.all(left.map((life) => end(life, graceMs)));
      return killed.flat();
    },
    broken: () => slots.broken,
  };
}

async function untilReady(
  slots: Slots,
  { role, slot, patienceMs }: Post,
  { log, stop }: { readonly log: string; readonly stop: AbortSignal },
): Promise<void> {
  const settled = () => stop.aborted || slots.broken !== undefined || slots.current(role, slot)?.ready === true;
  const deadlineMs = startMs + patienceMs;
  await eventually(settled, { deadlineMs, awaited: `${role} ${slot} to be ready (see ${log})` }).catch(
    (thrown: unknown) => {
      const entering = slots.current(role, slot)?.entering;
      if (!(thrown instanceof DeadlineError) || entering === undefined) throw thrown;
      const { what, whose } = entering;
      slots.broken = { why: `${what} did not come back within ${deadlineMs / 1000} s; see ${log}`, whose };
    },
  );
}

/** @returns its slot, if it had to be killed */
async function end(life: Life, graceMs: number): Promise<readonly number[]> {
  const { role, slot } = life.post;
  const gone = eventually(() => life.exited, { deadlineMs: graceMs + goneMs, awaited: `${role} ${slot} to exit` });
  const wasKilled = await within(gone, graceMs, "its exit").then(
    () => false,
    () => signal(life.identity, "SIGKILL"),
  );
  await gone;
  return wasKilled ? [slot] : [];
}

const registryOf = (slots: Slots): ProcessRegistry => ({
  holder: (resource) => slots.holder(resource),
  allSlots: () => slots.all(),
  keepOut: (resource) => slots.keepOut(resource),
  admit: (resource) => slots.admit(resource),
  async clocks(resource, stop) {
    const life = slots.holder(resource);
    if (life === undefined || life.exited || !life.ready) throw new Error(`nobody is ready in ${resource}`);
    let told: Clocks | undefined;
    void life.clocks().then((clocks) => void (told = clocks));
    const answer = (): Clocks | undefined => {
      if (told === undefined && life.exited) throw new Error(`the process in ${resource} ended before it answered`);
      return told;
    };
    return await eventually(answer, { deadlineMs: clocksMs, awaited: `the clocks of ${resource}`, everyMs: 2, stop });
  },
  replacement: (resource, of, stop) =>
    eventually(
      () => {
        if (slots.broken !== undefined)
          throw new Error(`nobody is started in ${resource} any more: ${slots.broken.why}`);
        const now = slots.holder(resource);
        return now !== undefined && now.incarnation > of.incarnation && now.ready && !now.exited ? now : undefined;
      },
      { deadlineMs: replacedMs, awaited: `another process to be ready in ${resource}`, stop },
    ),
});

const censusOf = (slots: Slots): Census => ({
  producersDone: () =>
    slots.lives.every(
      ({ post: { role, slot } }) => role !== "producer" || slots.in(role, slot).some((life) => slots.done.has(life)),
    ),
  counts: () => tally(slots.lives),
  unanswered() {
    const { sent, acknowledged, duplicate, refused, unknown } = tally(
      slots.lives.filter(({ exited, post: { role } }) => !exited && role === "producer"),
    );
    return sent - acknowledged - duplicate - refused - unknown;
  },
  failures: () => [...new Set(slots.lives.flatMap(({ failure }) => failure?.why ?? []))],
  turnover: () => slots.lives.length + slots.lives.filter(({ exited }) => exited).length,
  alive: (role) => slots.lives.filter((life) => life.post.role === role && life.ready && !life.exited).length,
  atWork() {
    const { started, ended, failed } = tally(slots.lives.filter(({ exited }) => !exited));
    return started - ended - failed;
  },
});
