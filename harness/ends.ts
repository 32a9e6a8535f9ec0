/**
 * What can end a run before its time, beside whoever started it: its fleet, its adapter, its own maximum, the loss of
 * its record. Whichever comes first is why everything is healed and stopped.
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import type { Journal } from "../history/journal-file.ts";
import { aborted } from "../std/deadline.ts";
import { entrustedNow } from "../std/entrusted.ts";
import { alarm, beat } from "../std/turn.ts";
import { messageOf } from "../std/user-error.ts";
import type { RunDirectory } from "./run-directory.ts";

/** The run's own record is gone, or cannot be written: there is nothing to judge. */
export class RecordLost extends Error {
  override readonly name = "RecordLost";
}

export interface Ends extends Disposable {
  readonly signal: AbortSignal;
  end(why: Error): void;
}

const lookEveryMs = 250;

/** @param mostMs from now on: then the run is ended, wherever it stands */
export function endsOf(directory: RunDirectory, mostMs: number, stop: AbortSignal): Ends {
  const own = new AbortController();
  const end = (why: Error): void => own.abort(why);
  const overdue = alarm(mostMs, () => {
    const [asked] = entrustedNow();
    const what = asked === undefined ? "" : `: ${asked} was under way`;
    end(new Error(`it was not over after its maximum of ${Math.round(mostMs / 1000)} s${what}`));
  });
  const looking = beat(lookEveryMs, () => {
    const lost = lostOf(directory);
    if (lost !== undefined) end(lost);
  });
  return {
    signal: AbortSignal.any([stop, own.signal]),
    end,
    [Symbol.dispose]() {
      overdue[Symbol.dispose]();
      looking[Symbol.dispose]();
    },
  };
}

/** What of the record is no longer there, as an error; undefined while all is. */
export function lostOf({ path, journal, history }: RunDirectory): RecordLost | undefined {
  if (!existsSync(path)) return new RecordLost(`the run directory ${path} was removed while the run went on`);
  const gone = [journal, history].find((one) => !existsSync(one));
  return gone === undefined
    ? undefined
    : new RecordLost(`${relative(path, gone)} was removed from the run directory ${path} while the run went on`);
}

/** What must be on file before it is done; all else is only told, and must keep nobody from healing and stopping. */
const deeds = new Set(["environment", "spawned", "helper", "containers", "namespace", "arming"]);

/** A journal that ends the run when it cannot be written. */
export const endingJournal = (journal: Journal, directory: RunDirectory, end: (why: Error) => void): Journal => ({
  write(entry) {
    try {
      journal.write(entry);
    } catch (thrown) {
      end(lostOf(directory) ?? new RecordLost(`${directory.journal} cannot be written: ${messageOf(thrown)}`));
      if (deeds.has(entry.type)) throw thrown;
    }
  },
});

/** Ended by whoever started it, before there was anything to judge. */
export class StoppedEarly extends Error {
  override readonly name = "StoppedEarly";
}

/**
 * A journal that takes nothing once the start was stopped: what has to be on file before it begins does not begin then.
 */
export function untilStopped(journal: Journal, stop: AbortSignal): Journal & { over(): void } {
  let isOver = false;
  return {
    write(entry) {
      if (!isOver && stop.aborted) throw new StoppedEarly(messageOf(stop.reason));
      journal.write(entry);
    },
    over: () => void (isOver = true),
  };
}

/** @throws StoppedEarly, or what ended it */
export function endIfStopped(stop: AbortSignal, journal: Journal): void {
  if (!stop.aborted) return;
  const why = `${messageOf(stop.reason)} before the load began: there is nothing to judge`;
  journal.write({ type: "stopped", why });
  throw new StoppedEarly(why);
}

/** @throws StoppedEarly, or what it throws; what comes later of what was stopped is nobody's business */
export async function unlessStopped<T>(doing: Promise<T>, stop: AbortSignal, journal: Journal): Promise<T> {
  await Promise.race([doing, aborted(stop)]);
  endIfStopped(stop, journal);
  return await doing;
}
