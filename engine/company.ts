/**
 * The handlers of a process share its fate: who ends it ends it for all. So whoever is suspected of that runs alone: the
 * door is closed, all others finish, and when the process dies there is no doubt about who it was.
 */
import { after, nowMs, settledWithin } from "./clock.ts";

export interface Company {
  /** Whether one more handler may begin. */
  isOpen(): boolean;
  /** A handler begins; what is returned says that it is over. */
  enter(): () => void;
  /** Calls back when the door is open again; returns how to end that. */
  onOpen(listener: () => void): () => void;
  /**
   * Does the deed when nobody else is there. The door stays closed until it is done; nothing waits longer than `patienceMs`,
   * neither the deed for the others to finish nor they for it: for one that has not ended by then, others come in again.
   * Several wait for each other, and between two of them all others have about as much time. Resolves when the door is open again.
   * @param deed told whether it is alone
   */
  alone(patienceMs: number, deed: (isAlone: boolean) => Promise<void>): Promise<void>;
}

/** Where the others did not finish in time, nobody waits for them again for so many times as long. */
const crowdedFor = 10;
/** After a turn the door stays open for as long as it was closed, but no longer than this. */
const openMsMax = 5000;

export function companyOf(now: () => number = nowMs): Company {
  let present = 0;
  let open = true;
  let crowdedUntil = -Infinity;
  let openUntil = -Infinity;
  let emptied = (): void => {};
  let last: Promise<void> = Promise.resolve();
  const listeners = new Set<() => void>();

  const empty = (): Promise<void> =>
    present === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          emptied = resolve;
        });

  async function takeTurn(patienceMs: number, deed: (isAlone: boolean) => Promise<void>): Promise<void> {
    if (now() < crowdedUntil) return deed(false);
    if (now() < openUntil) await new Promise<void>((resolve) => void after(openUntil - now(), resolve));
    const closedAt = now();
    open = false;
    try {
      const isAlone = await settledWithin(empty(), patienceMs);
      if (!isAlone) crowdedUntil = now() + crowdedFor * patienceMs;
      await settledWithin(deed(isAlone), patienceMs);
    } finally {
      open = true;
      openUntil = now() + Math.min(now() - closedAt, openMsMax);
      for (const listener of listeners) listener();
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
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    alone(patienceMs, deed) {
      const turn = last.then(() => takeTurn(patienceMs, deed));
      last = turn.catch(() => {}); // its caller hears of it
      return turn;
    },
  };
}

export const thisProcess = companyOf();
