/**
 * The handlers of a process share its fate: who ends it ends it for all. So whoever is suspected of that begins when the
 * others have finished, as far as they do in time, and for a while nobody begins beside it: when the process dies, there is
 * next to no doubt about who it was. The door is never closed for long, since those who wait behind it are innocent.
 */
import { nowMs, settledWithin } from "./clock.ts";

export interface Company {
  /** Whether one more handler may begin. */
  isOpen(): boolean;
  /** A handler begins; what is returned says that it is over. */
  enter(): () => void;
  /** Calls back when the door is open again; returns how to end that. */
  onOpen(listener: () => void): () => void;
  /** When somebody may be alone, from now: at once (0), or not before it is told otherwise (Infinity). */
  freeInMs(): number;
  /**
   * Does the deed with as little company as can be had. As soon as `ready`, the door closes; the deed begins when nobody else is
   * there, or after `patienceMs`; and until it is over, or for as long again, nobody begins beside it. Then the door stays open
   * for as long as it was closed. Where another has its turn (until its deed is over), or a suspect is among the others, nothing is done.
   * @param ready resolves with false where nothing is to be done after all
   * @param deed told whether it is alone
   */
  alone(patienceMs: number, ready: () => Promise<boolean>, deed: (isAlone: boolean) => Promise<void>): Promise<void>;
  /** A suspect comes in among the others, until the deed is over: who is watched for being alone is told before. */
  admit(deed: () => Promise<void>): Promise<void>;
  hasSuspects(): boolean;
  /** Calls back, and waits for that, before a suspect comes in; returns how to end it. */
  onSuspect(listener: () => Promise<void>): () => void;
}

/** After a turn the door stays open for as long as it was closed, but no longer than this. */
const openMsMax = 5000;

export function companyOf(now: () => number = nowMs): Company {
  let present = 0;
  let suspects = 0;
  let open = true;
  let taken = false;
  let openUntil = -Infinity;
  let emptied = (): void => {};
  const openings = new Set<() => void>();
  const watchers = new Set<() => Promise<void>>();

  const empty = (): Promise<void> =>
    present === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          emptied = resolve;
        });

  const freeInMs = (): number => (taken || suspects > 0 ? Infinity : Math.max(0, openUntil - now()));

  /** Resolves when the door is open again, with the deed, which may go on. */
  async function behindDoor(
    patienceMs: number,
    deed: (isAlone: boolean) => Promise<void>,
  ): Promise<{ readonly done: Promise<void> }> {
    const closedAt = now();
    open = false;
    try {
      const done = deed(await settledWithin(empty(), patienceMs));
      await settledWithin(done, patienceMs);
      return { done };
    } finally {
      open = true;
      openUntil = now() + Math.min(now() - closedAt, openMsMax);
      for (const listener of openings) listener();
    }
  }

  return {
    isOpen: () => open,
    enter() {
      present++;
      return () => {
        if (--present === 0) emptied();
      };
    },
    onOpen(listener) {
      const own = (): void => listener(); // the same one may be given twice, and taken back once
      openings.add(own);
      return () => void openings.delete(own);
    },
    freeInMs,
    async alone(patienceMs, ready, deed) {
      if (freeInMs() > 0) return;
      taken = true;
      try {
        if (await ready()) await (await behindDoor(patienceMs, deed)).done;
      } finally {
        taken = false;
      }
    },
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

export const thisProcess = companyOf();
