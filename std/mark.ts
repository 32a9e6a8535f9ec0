/**
 * The mark of a harness, which all that its runs start or make carries: processes in their environment, directories and
 * proxies in their names, containers in their label, keys in one beside them. Whatever a journal says, and also where
 * there is none, a thing itself tells that it is a run's, and whether that run's harness is gone: only then is it
 * undone.
 *
 *   machine . pid . time of start . random
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { commandOf, identify, processIds, variableOf, type ProcessIdentity } from "./process-identity.ts";

/** Of the environment of each process that a run starts. */
export const markVariable = "WHITEWATER_RUN";

const form = /^([0-9a-f]{8})\.(\d{1,10})\.(\w{1,40})\.[0-9a-f]{8}$/;
const inName = /^whitewater-(?:(?:redis|clocks)-)?([0-9a-f]{8}\.\d{1,10}\.\w{1,40}\.[0-9a-f]{8})(?:-|$)/;
/** Nobody can say whether that harness is gone. */
export const untold = "untold";

let own: string | undefined;

/** Of this process. */
export const ownMark = (): string =>
  (own ??= [
    machine(),
    process.pid,
    word(identify(process.pid)?.startedAt ?? untold),
    randomBytes(4).toString("hex"),
  ].join("."));

/** What a process has in its environment beside those. */
export const marked = (variables: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  ...variables,
  [markVariable]: ownMark(),
});

/** What this process starts is not the run's: whoever needs it later than the run keeps it. */
export const unmark = (): void => void delete process.env[markVariable];

/** Whether it is a mark of this machine, and its harness is gone. */
export function isOrphaned(mark: string): boolean {
  const [, where, pid, startedAt] = form.exec(mark) ?? [];
  if (where !== machine() || startedAt === untold) return false;
  const now = identify(Number(pid));
  return now === undefined || word(now.startedAt) !== startedAt;
}

/** The mark that the name of a directory or a proxy carries. */
export const markIn = (name: string): string | undefined => inName.exec(name)?.[1];

/** That it carries, and that it can be undone by. */
export const isMarked = ({ pid }: ProcessIdentity): boolean => isOrphaned(variableOf(pid, markVariable) ?? "");

export interface Marked {
  readonly identity: ProcessIdentity;
  readonly name: string;
  readonly mark: string;
}

/** All processes whose harness is gone, as far as the machine tells. */
export const orphans = (): readonly Marked[] =>
  processIds().flatMap((pid) => {
    const mark = variableOf(pid, markVariable);
    const identity = mark !== undefined && isOrphaned(mark) ? identify(pid) : undefined;
    return mark === undefined || identity === undefined ? [] : [{ identity, name: commandOf(pid), mark }];
  });

const word = (text: string): string => text.replaceAll(/\W+/g, "_");

/** Process numbers mean nothing after a boot, or in another container. */
function machine(): string {
  let which = hostname();
  if (process.platform === "linux") {
    try {
      which = readFileSync("/proc/sys/kernel/random/boot_id", "utf8") + readlinkSync("/proc/self/ns/pid");
    } catch {
      // then it is told by its name
    }
  }
  return createHash("sha256").update(which).digest("hex").slice(0, 8);
}
