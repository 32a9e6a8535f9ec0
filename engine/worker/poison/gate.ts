/**
 * The gate that every handler of a process passes, since all of them share its fate: who ends it ends it for all. So
 * whoever is suspected of that begins when the others have finished, as far as they do in time, and for a while nobody
 * begins beside it: when the process dies, there is next to no doubt about who it was. The gate is never closed for
 * long, since those who wait are innocent.
 */
import { settledWithin, type Time } from "../../std/clock.ts";
import { listeners } from "../../std/listeners.ts";

export interface Gate extends Admissions {
  /** Whether one more handler may begin. */
  isOpen(): boolean;
  /** A handler begins; what is returned says that it is over. */
  enter(): () => void;
  /** Calls back when the gate is open again; returns how to end that. */
  onOpen(listener: () => void): () => void;
  /** When a suspect may be isolated, from now: at once (0), or not before the present one is over (Infinity). */
  freeInMs(): number;
  /**
   * Does the deed with as little beside it as can be had. As soon as `ready`, the gate closes; the deed begins when
   * nobody else is there, or after `patienceMs`; and until it is over, or for as long again, nobody begins beside it.
   * Then the gate stays open for as long as it was closed. Where another deed is not over, or a suspect is among the
   * others, nothing is done.
   * @param ready resolves with false where nothing is to be done after all
   * @param deed hears whether nothing runs beside it
   */
  isolate(patienceMs: number, ready: () => Promise<boolean>, deed: (isAlone: boolean) => Promise<void>): Promise<void>;
}

/** Suspects that run among all others, since they waited for too long. */
interface Admissions {
  /** A suspect comes in among the others, until the deed is over: who is isolated hears of it before. */
  admit(deed: () => Promise<void>): Promise<void>;
  hasSuspects(): boolean;
  /** Calls back, and waits for that, before a suspect comes in; returns how to end it. */
  onSuspect(listener: () => Promise<void>): () => void;
}

/** After a deed the gate stays open for as long as it was closed, but no longer than this. */
const openMsMax = 5000;

export function gateOf(time: Time): Gate {
  const admissions = admissionsOf();
  let present = 0;
  let open = true;
  let taken = false;
  let openUntil = -Infinity;
  let emptied = (): void => {};
  const openings = listeners();

  const empty = (): Promise<void> =>
    present === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          emptied = resolve;
        });

  const freeInMs = (): number => (taken || admissions.hasSuspects() ? Infinity : Math.max(0, openUntil - time.nowMs()));

  /** Resolves when the gate is open again, with the deed, which may go on. */
  async function behindGate(
    patienceMs: number,
    deed: (isAlone: boolean) => Promise<void>,
  ): Promise<{ readonly done: Promise<void> }> {
    const closedAt = time.nowMs();
    open = false;
    try {
      const done = deed(await settledWithin(empty(), patienceMs, time));
      await settledWithin(done, patienceMs, time);
      return { done };
    } finally {
      open = true;
      openUntil = time.nowMs() + Math.min(time.nowMs() - closedAt, openMsMax);
      openings.call();
    }
  }

  return {
    ...admissions,
    isOpen: () => open,
    enter() {
      present++;
      return () => {
        if (--present === 0) emptied();
      };
    },
    onOpen: openings.add,
    freeInMs,
    async isolate(patienceMs, ready, deed) {
      if (freeInMs() > 0) return;
      taken = true;
      try {
        if (await ready()) await (await behindGate(patienceMs, deed)).done;
      } finally {
        taken = false;
      }
    },
  };
}

function admissionsOf(): Admissions {
  let suspects = 0;
  const watchers = new Set<() => Promise<void>>();
  return {
    async admit(deed) {
      suspects++;
      try {
        await Promise.all([...watchers].map((listener) => listener()));
        await deed();
      } finally {
        suspects--;
      }
    },
    hasSuspects: () => suspects > 0,
    onSuspect(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
  };
}
