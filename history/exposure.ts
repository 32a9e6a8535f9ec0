/**
 * Which jobs this run's faults, failures and waits could have hurt, and how. A check looks at more jobs than these; but
 * only of these a pass says that something was survived.
 */
import { never, tickNs, type Incident, type Ledger, ticksPerSecond } from "./ledger.ts";
import { isRepetition } from "./fates.ts";
import { recoveriesOf } from "./recoveries.ts";
import { dueTimes, secondNs } from "./waiting.ts";
import { oncePer } from "../std/once.ts";

/** Bits. */
export const perils = {
  /** In the hands of a process that a fault hit, or that died, and had to go on from there. */
  caught: 1,
  /** Its handler failed: it went back to the store at least once, or to the dead letters. */
  failed: 2,
  /** Its enqueue was under way, or never answered, while its producer was hit or had no store. */
  sending: 4,
  /** The store had it, unfinished, when it went away. */
  stored: 8,
  /** It ran while anything was wrong with anybody, and could have been taken from one who was well. */
  beside: 16,
  /**
   * It came to be due, or was sent, when clients had lost the store or their links before: they had to be back for it.
   */
  after: 32,
} as const;
export type Peril = keyof typeof perils;

/** How many jobs had to live through one of these. */
export function exposedTo(ledger: Ledger, ...which: readonly Peril[]): number {
  const mask = which.reduce((bits, peril) => bits | perils[peril], 0);
  return exposureOf(ledger).reduce((sum, jobs, bits) => ((bits & mask) === 0 ? sum : sum + jobs), 0);
}

/** How many jobs had to live through each set of perils, by its bits. */
const exposureOf = oncePer((ledger: Ledger): readonly number[] => {
  const { sentAt, answeredAt, firstStartAt, lastEndAt, settledAt, failures } = ledger.columns;
  const caught = new Uint32Array(Math.ceil(sentAt.length / 32));
  for (const { job } of recoveriesOf(ledger)) caught[job >>> 5]! |= 1 << (job & 31);
  const { all, away, bySlot, firstLoss } = hitSeconds(ledger);
  const dueAt = dueTimes(ledger);
  const counts = Array.from({ length: 2 * Math.max(...Object.values(perils)) }, () => 0);
  for (let job = 0; job < sentAt.length; job++) {
    let bits = ((caught[job >>> 5] ?? 0) >>> (job & 31)) & 1 ? perils.caught : 0;
    const sent = sentAt[job] ?? never;
    if (sent !== never && !isRepetition(ledger, job)) {
      const answered = answeredAt[job] ?? never;
      const started = firstStartAt[job] ?? never;
      const over = Math.max(ended(settledAt[job]), ended(lastEndAt[job]));
      const due = Math.min(dueAt(job), started);
      if ((failures[job] ?? 0) > 0) bits |= perils.failed;
      if (bySlot[job % bySlot.length]?.any(sent, answered) === true) bits |= perils.sending;
      if (answered !== never && away.any(answered, over === 0 ? never : over)) bits |= perils.stored;
      if (started !== never && all.any(started, over === 0 ? never : over)) bits |= perils.beside;
      if (due >= firstLoss && due < never) bits |= perils.after;
    }
    counts[bits]!++;
  }
  return counts;
});

const ended = (at: number | undefined): number => (at === undefined || at === never ? 0 : at);

/** Whole seconds in which something was so, asked for by ticks. */
interface Seconds {
  any(from: number, to: number): boolean;
}

function hitSeconds(ledger: Ledger): {
  readonly all: Seconds;
  readonly away: Seconds;
  /** By producer, when it was hit itself, or had no store. */
  readonly bySlot: readonly Seconds[];
  /** In ticks: since when a worker or the store had been hit; `never` where none was. */
  readonly firstLoss: number;
} {
  const { incidents, incarnations, run } = ledger;
  const roles = new Map(incarnations.map(({ incarnation, role, slot }) => [incarnation, { role, slot }]));
  const hits = (incident: Incident, role: "worker" | "producer", slot?: number): boolean =>
    incident.incarnations.some((incarnation) => {
      const hit = roles.get(incarnation);
      return hit?.role === role && (slot === undefined || hit.slot === slot);
    });
  const away = incidents.filter(({ effect }) => effect === "store-away");
  const lost = incidents.filter((incident) => hits(incident, "worker")).map(({ from }) => from / tickNs);
  return {
    all: secondsOf(incidents),
    away: secondsOf(away),
    bySlot: Array.from({ length: Math.max(1, run.producers) }, (_, slot) =>
      secondsOf(incidents.filter((incident) => hits(incident, "producer", slot) || away.includes(incident))),
    ),
    firstLoss: Math.min(never, ...lost),
  };
}

function secondsOf(incidents: readonly Incident[]): Seconds {
  const end = Math.ceil(Math.max(0, ...incidents.map(({ to }) => to)) / secondNs) + 1;
  /** How many of the seconds before each were among them. */
  const before = new Uint32Array(end + 1);
  for (const { from, to } of incidents)
    for (let second = Math.max(0, Math.floor(from / secondNs)); second <= to / secondNs; second++)
      before[second + 1] = 1;
  for (let second = 1; second < before.length; second++) before[second]! += before[second - 1] ?? 0;
  const at = (second: number): number => before[Math.min(Math.max(0, second), end)] ?? 0;
  return {
    any: (from, to) => at(Math.floor(to / ticksPerSecond) + 1) > at(Math.floor(from / ticksPerSecond)),
  };
}
