/**
 * The three ways in which a suspect runs: isolated and on record, together with other new suspects, or among all
 * others.
 */
import type { HandlerSlots } from "../handler-slots.ts";
import type { Host } from "../host.ts";
import type { InFlight } from "../in-flight.ts";
import type { ConsumerLife } from "../life.ts";
import type { Runs } from "../runner.ts";
import type { Gate } from "./gate.ts";
import type { Suspects, Taken } from "./suspects.ts";

/** Each in a slot that was reserved for it, which is given back where it does not run. Resolves when it is over. */
export interface Trials {
  isolated(entry: string): Promise<void>;
  together(entry: string): Promise<void>;
  /** Nobody could know who it was, so it does not count. */
  amongOthers(entry: string): Promise<void>;
  /**
   * The worker goes in good order while a suspect still runs in it: that is no death.
   * @param but those that make it go
   */
  absolve(but: ReadonlySet<string>): Promise<void>;
}

export function trialsOf(
  suspects: Pick<Suspects, "take" | "strike">,
  runTaken: RunTaken,
  gate: Pick<Gate, "isOpen" | "admit" | "hasSuspects" | "onSuspect">,
  life: Pick<ConsumerLife, "holds">,
): Trials {
  let running: string | undefined;
  return {
    /** From the record before the run to the answer of its settlement: only then is it known that it did not kill. */
    async isolated(entry) {
      running = entry;
      const taking = suspects.take(entry, !gate.hasSuspects());
      const forget = gate.onSuspect(async () => {
        await taking;
        await suspects.strike(entry);
      });
      await runTaken(await taking, life.holds);
      forget();
      running = undefined;
      await suspects.strike(entry);
    },
    together: async (entry) => runTaken(await suspects.take(entry, false), life.holds),
    amongOthers: (entry) =>
      gate.admit(async () => runTaken(await suspects.take(entry, false), () => life.holds() && gate.isOpen())),
    async absolve(but) {
      if (running !== undefined && !but.has(running)) await suspects.strike(running);
    },
  };
}

/** Runs it, or settles it as poison. @param mayBegin whether it may begin by now */
export type RunTaken = (taken: Taken | undefined, mayBegin: () => boolean) => Promise<void>;

/** Between two looks whether it may begin. */
const pauseMs = 50;

/** @param maxDeliveries in so many lone runs it may end its worker */
export const runTakenOf =
  (
    maxDeliveries: number,
    runs: Pick<Runs, "start" | "poison">,
    inFlight: Pick<InFlight, "gone" | "drop">,
    slots: Pick<HandlerSlots, "giveBack">,
    life: Pick<ConsumerLife, "taking">,
    time: Host["time"],
  ): RunTaken =>
  async (taken, mayBegin) => {
    if (taken === undefined) return slots.giveBack();
    const { held, killed } = taken;
    if (killed >= maxDeliveries) {
      slots.giveBack();
      runs.poison(held, killed);
      return inFlight.gone(held.entry);
    }
    while (!mayBegin() && !life.taking.aborted) await time.sleeper().sleep(pauseMs);
    if (life.taking.aborted) {
      slots.giveBack();
      return inFlight.drop(held.entry);
    }
    runs.start(held, true);
    await inFlight.gone(held.entry);
  };
