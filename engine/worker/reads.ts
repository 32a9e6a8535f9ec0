/**
 * Reads new entries for a consumer, and looks for those in its PEL that it does not know of: the reply to their read
 * was lost.
 */
import type { Steps } from "../redis/steps.ts";
import type { Time } from "../std/clock.ts";
import type { InFlight } from "./in-flight.ts";
import type { Membership } from "./membership.ts";

export interface Reads {
  isReady(): boolean;
  /** How many came, which are in flight now; waits up to `waitMs` where there are none. */
  read(count: number, waitMs: number): Promise<number>;
  /** Ends a read that waits. */
  endWait(): void;
  /** A reply may have been lost. */
  suspect(): void;
  isSuspicious(): boolean;
  /** Takes what the broker says is ours and what we never heard of. False: it is still to be looked for. */
  recover(): Promise<boolean>;
  isAuditDue(): boolean;
  /**
   * With no read under way, all that is ours should be in flight: a read that was sent long ago may have been executed
   * since.
   */
  audit(): Promise<void>;
  /** Calls back at each new connection, over which the replies of the last one never come; returns how to end that. */
  onReconnect(listener: () => void): () => void;
}

const auditMs = 5000;

/** Whose PEL it is, page by page. */
interface Owner {
  readonly name: string;
  readonly steps: Pick<Steps, "recover" | "owned">;
}

export function readsOf({ name, steps, reader }: Membership, inFlight: InFlight, time: Time): Reads {
  let auditedAt = time.nowMs();
  let suspicious = false;
  let isBlocked = false;

  return {
    isReady: reader.isReady,
    async read(count, waitMs) {
      isBlocked = waitMs > 0;
      const entries = await steps.read(name, count, waitMs);
      isBlocked = false;
      if (entries === undefined) suspicious = true;
      else inFlight.take(entries, "back");
      return entries?.length ?? 0;
    },
    endWait() {
      if (isBlocked) void steps.unblock();
    },
    suspect() {
      suspicious = true;
    },
    isSuspicious: () => suspicious,
    async recover() {
      suspicious = false; // what goes unheard of while this looks makes it look again
      if (await recoverAll({ name, steps }, inFlight)) return true;
      suspicious = true;
      return false;
    },
    isAuditDue: () => time.nowMs() - auditedAt > auditMs,
    async audit() {
      auditedAt = time.nowMs();
      if (await ownsUnknown({ name, steps }, inFlight, () => suspicious)) suspicious = true;
    },
    onReconnect: (listener) =>
      reader.onReady(() => {
        suspicious = true;
        listener();
      }),
  };
}

/** False: the broker could not be asked to the end. */
async function recoverAll({ name, steps }: Owner, inFlight: InFlight): Promise<boolean> {
  const known = inFlight.known();
  try {
    for (let from = "-"; ;) {
      const page = await steps.recover(name, from);
      if (page === undefined) return false;
      inFlight.take(
        page.entries.filter(({ entry }) => !known.entries.has(entry)),
        "front",
      );
      const last = page.entries.at(-1);
      if (page.all || last === undefined) return true;
      from = `(${last.entry}`;
    }
  } finally {
    known.forget();
  }
}

/** Whether there is one that it does not know of, as far as the broker could be asked. */
async function ownsUnknown({ name, steps }: Owner, inFlight: InFlight, isKnown: () => boolean): Promise<boolean> {
  const known = inFlight.known();
  let found = false;
  for (let from = "-"; !found && !isKnown();) {
    const owned = await steps.owned(name, from);
    if (owned === undefined) break;
    found = owned.entries.some((entry) => !known.entries.has(entry));
    const last = owned.entries.at(-1);
    if (owned.all || last === undefined) break;
    from = `(${last}`;
  }
  known.forget();
  return found;
}
