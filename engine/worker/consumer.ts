/**
 * One consumer of the group, from joining to leaving. It ends in good order when it is asked to, or at once when it
 * finds itself declared dead; then what it had not started is others', and a new one begins.
 *
 *   stream ──read──▶ waiting ──start──▶ running ──over──▶ being settled ──answer──▶ gone
 *   the dead ─claim─┘ (first)                             └ one batch at a time, numbered
 *        └ suspects, one by one: poison/
 */
import type { PendingEntry } from "../redis/entry.ts";
import type { SettlementRequest, SettlementResult } from "../redis/settlement.ts";
import { repeat } from "../std/clock.ts";
import type { Capacity } from "./capacity.ts";
import { claimsOf, type DeadClaims } from "./claims.ts";
import type { HandlerSlots } from "./handler-slots.ts";
import type { Runtime } from "./host.ts";
import { nothingInFlight, type InFlight } from "./in-flight.ts";
import { leave } from "./leaving.ts";
import { lifeOf, type ConsumerLife } from "./life.ts";
import type { Membership } from "./membership.ts";
import { quarantineOf, type Quarantine } from "./poison/quarantine.ts";
import { prefetch } from "./prefetch.ts";
import { readsOf } from "./reads.ts";
import { reclaimOf, type Reclaim } from "./reclaim.ts";
import { runsOf, type Runner, type Runs } from "./runner.ts";
import { settlerOf } from "./settler.ts";
import type { Sharer } from "./sharers.ts";
import { keepUp } from "./upkeep.ts";

/** What its consumers have of a worker. */
export interface WorkerCore {
  readonly settings: WorkerSettings;
  readonly slots: HandlerSlots;
  readonly runner: Runner;
  readonly capacity: Capacity;
  readonly runtime: Runtime;
  readonly on: WorkerListener;
}

export interface WorkerSettings {
  readonly leaseMs: number;
  readonly sweepMs: number;
  readonly graceMs: number;
  readonly maxDeliveries: number;
  readonly rememberMs: number;
  readonly payloadBytesMax: number;
}

export interface WorkerListener {
  readonly settled: (request: SettlementRequest, result: SettlementResult) => void;
  /** A handler does not heed its signal: the process is to end. */
  readonly stuck: (held: PendingEntry) => void;
}

export interface Consumer {
  /** Resolves when it was declared dead. */
  readonly lost: Promise<void>;
  /**
   * Resolves when nothing is in flight: in good order, or with what is left after the grace handed back or given up.
   */
  end(): Promise<void>;
}

export function beginConsumer(membership: Membership, weight: number, worker: WorkerCore): Consumer {
  const { settings, runner, capacity, runtime, on } = worker;
  const { steps, commands } = membership;
  const { gate, time } = runtime;
  const inFlight = nothingInFlight(settings.payloadBytesMax);
  const life = lifeOf(membership, settings.leaseMs, inFlight, capacity.pump, runtime);
  const runs = runsOf(runner, settlerOf(membership, inFlight, on.settled), inFlight, life, on.stuck);
  const reclaim = reclaimOf(membership, settings, runtime);
  const share = capacity.join(sharerOf(weight, inFlight, reclaim, life, runs));
  life.taking.addEventListener("abort", share.leave, { once: true });
  inFlight.onTake(share.pump);
  const reads = readsOf(membership, inFlight, time);
  const claims = claimsOf({ reclaim, reads, inFlight, share, life });
  const prefetching = prefetch({ reads, claims, share, inFlight, life, runtime });
  const quarantine = quarantineOf(membership, inFlight, runs, life, worker);
  const loops = [
    prefetching,
    sweep({ reclaim, claims, quarantine, life, worker }),
    keepUp(steps, settings.rememberMs, life, runtime),
  ];
  const unsubscribe = [commands.onReady(life.beatNow), gate.onOpen(capacity.pump)];

  return {
    lost: life.lost,
    async end() {
      const leaver = { membership, life, inFlight, runs, quarantine, time };
      if (!(await leave(leaver, settings.graceMs, loops))) return;
      for (const end of unsubscribe) end();
    },
  };
}

const sharerOf = (weight: number, inFlight: InFlight, reclaim: Reclaim, life: ConsumerLife, runs: Runs): Sharer => ({
  weight,
  get waiting() {
    return inFlight.waiting;
  },
  get reclaimed() {
    return inFlight.reclaimed;
  },
  get size() {
    return inFlight.size;
  },
  get isUrgent() {
    return reclaim.hasWork() || !reclaim.hasLooked();
  },
  mayStart: () => !life.taking.aborted && life.holds(),
  start() {
    const held = inFlight.next();
    if (held !== undefined) runs.start(held, false);
  },
});

/** Looks for the dead, and reclaims what they held. */
function sweep({
  reclaim,
  claims,
  quarantine,
  life,
  worker: { settings, capacity, runtime },
}: {
  readonly reclaim: Reclaim;
  readonly claims: DeadClaims;
  readonly quarantine: Quarantine;
  readonly life: ConsumerLife;
  readonly worker: WorkerCore;
}): Promise<void> {
  const { time, chance, failed } = runtime;
  const look = async (): Promise<number> => {
    if (!life.holds()) reclaim.outOfTouch();
    else if (await reclaim.sweep()) {
      const hadWork = reclaim.hasWork();
      await claims.claim();
      capacity.pump(); // what waited for this look may begin where it found nothing
      if (hadWork || reclaim.hasSuspects()) quarantine.wake();
    }
    return settings.sweepMs * chance.between(0.8, 1);
  };
  return repeat(look, { stop: life.taking, bed: time.sleeper(), failed });
}
