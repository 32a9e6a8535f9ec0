/**
 * The life of a consumer: a lease, and the order in which it ends.
 *
 *   in good order   stopTaking ──▶ (the grace) ──▶ interrupt ──▶ end
 *   declared dead   lose: all three at once, and what it had not started is others'
 */
import type { Runtime } from "./host.ts";
import type { InFlight } from "./in-flight.ts";
import { holdLease, type Lease } from "./lease.ts";
import type { Membership } from "./membership.ts";

export interface ConsumerLife extends Lease {
  /** Aborted when nothing new is taken. */
  readonly taking: AbortSignal;
  /** What the handlers see. */
  readonly running: AbortSignal;
  /** Aborted when nothing is in flight and no heartbeat is needed any more. */
  readonly beating: AbortSignal;
  /** Resolves when it was declared dead. */
  readonly lost: Promise<void>;
  stopTaking(): void;
  interrupt(why: string): void;
  end(): void;
  /** It was declared dead. */
  lose(): void;
}

/** @param onConfirmed is called when what might not be started may be again */
export function lifeOf(
  consumer: Pick<Membership, "name" | "joinedAt" | "steps">,
  leaseMs: number,
  inFlight: Pick<InFlight, "close">,
  onConfirmed: () => void,
  runtime: Pick<Runtime, "time" | "failed">,
): ConsumerLife {
  const taking = new AbortController();
  const running = new AbortController();
  const beating = new AbortController();
  const lost = Promise.withResolvers<void>();
  const interrupt = (why: string): void => running.abort(new Error(why));

  function lose(): void {
    if (beating.signal.aborted) return;
    taking.abort();
    beating.abort();
    inFlight.close();
    interrupt("this worker was declared dead: its job may be running elsewhere");
    lost.resolve();
  }

  return {
    ...holdLease(consumer, leaseMs, beating.signal, { confirmed: onConfirmed, lost: lose }, runtime),
    taking: taking.signal,
    running: running.signal,
    beating: beating.signal,
    lost: lost.promise,
    stopTaking: () => taking.abort(),
    interrupt,
    end: () => beating.abort(),
    lose,
  };
}
