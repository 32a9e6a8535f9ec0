/**
 * How the process ends. Exit codes 0 and 1 are a verdict's alone: whatever else ends it (an accident of ours, a
 * configuration that calls process.exit, an event loop with nothing left to do) has another code, and a sentence that
 * says whose it was.
 */
import { existsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import { breakOffBlocked, entrustedNow } from "../std/entrusted.ts";
import { printable } from "../std/printable.ts";
import { alarm } from "../std/turn.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import { exitCodes } from "./exit-codes.ts";

/** So long a configuration or an adapter may keep everything else from going on. */
const blockedMs = 60_000;

/** For everything to be healed and stopped after an accident; what is left then is the guardian's. */
const unwindMs = 60_000;

/** Behind the name of the program. */
const own = "an error of its own, and not of the queue";

/** Names of errors that say all there is to say in their message. */
const plain = new Set(["UserError", "ForeignError", "StoppedEarly", "RecordLost", "RecordBent", "TeamError"]);

let isDecided = false;
let hadAccident = false;
/** Why what was printed is not where it was to be; nobody who reads may be the reason. */
let unsaid: Error | undefined;
let record: string | undefined;
let unwinding: AbortController | undefined;

/** Ends the process on purpose. After an accident no verdict can be trusted. */
export function leave(code: number): never {
  isDecided = true;
  if (unsaid !== undefined) say(`what was to be printed could not be written: ${unsaid.message}`);
  const isSaid = unsaid === undefined || code !== exitCodes.pass;
  process.exit(hadAccident || !isSaid ? exitCodes.unknown : code);
}

/** Where the run under way keeps its record: every complaint tells it from here on. */
export const recordedIn = (directory: string | undefined): void => void (record = directory);

/**
 * Aborted instead of an end at once, when there is an accident: what is under way has something to heal and to stop.
 */
export const unwindBy = (stop: AbortController): void => void (unwinding = stop);

/** To be called before anything else is loaded. */
export function watchEnding(patienceMs = blockedMs): void {
  breakOffBlocked(patienceMs);
  // Whoever read what we say is gone: that is no reason to end, or to end otherwise.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") unsaid ??= error;
  });
  process.on("uncaughtException", accident);
  process.on("exit", (code) => {
    if (isDecided) return;
    const { by, ended } = endedBy(new Error("where").stack ?? "");
    const [what = by] = entrustedNow();
    process.exitCode = what === undefined && !ended ? exitCodes.unknown : exitCodes.usage;
    if (!ended && what === undefined) say(`${own}: nothing was left to wait for, and there is no verdict`);
    else if (!ended) say(`${what} does not return: nothing was left to wait for`);
    else
      say(`${what ?? "something"} ended this process by process.exit(${code})${by === undefined ? "" : `, at ${by}`}`);
  });
}

/** Says what was thrown, and whose it is. @returns the exit code */
export function complain(thrown: unknown): number {
  if (thrown instanceof Error && plain.has(thrown.name)) say(thrown.message);
  else if (isOfTheMachine(thrown)) say(`${thrown.message}: is there room, and may it be done here?`);
  else say(`${whose(thrown)}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown)}`);
  return thrown instanceof UserError ? exitCodes.usage : exitCodes.unknown;
}

/**
 * What the kernel refuses, such as for want of room: its own words say what, and where our line stands says nothing.
 */
const isOfTheMachine = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && "syscall" in thrown && "code" in thrown && refusals.has(String(thrown.code));

const refusals = new Set(
  "ENOSPC EDQUOT EROFS EACCES EPERM EIO EMFILE ENFILE ENOMEM EAGAIN EFBIG ENOTDIR ELOOP".split(" "),
);

/** A sentence of its own beside a verdict, on one line however long it is. */
export const mention = (message: string): void => say(message);

function accident(thrown: unknown): void {
  const isFirst = !hadAccident;
  hadAccident = true;
  if (isFirst) complain(thrown);
  if (unwinding === undefined) leave(exitCodes.unknown);
  if (!isFirst) return;
  unwinding.abort(new Error(`${whose(thrown)}: ${messageOf(thrown)}`));
  alarm(unwindMs, () => leave(exitCodes.unknown));
}

/** In the kernel at once: this may be the last thing that happens. */
function say(message: string): void {
  const kept = record === undefined || !existsSync(record) ? "" : `\nWhat was recorded is kept in ${record}`;
  try {
    writeSync(2, `${styleText("red", "whitewater:", { stream: process.stderr })} ${printable(message + kept)}\n`);
  } catch {
    // nobody reads it
  }
}

const home = `${dirname(import.meta.dirname)}/`;
const isOurs = (place: string): boolean => place.startsWith(home);
const isLibrary = (place: string): boolean =>
  (isOurs(place) ? place.slice(home.length - 1) : place).includes("/node_modules/");

/** Files with their lines, from the inside out. */
const placesIn = (stack: string): readonly string[] =>
  [...stack.matchAll(/(?:\(|at (?:async )?)(file:\/\/\/?[^)\s]+|\/[^)\s]+):(\d+):\d+\)?$/gm)].map(
    ([, file = "", line = ""]) => `${file.startsWith("file:") ? fileURLToPath(file) : file}:${line}`,
  );

function whose(thrown: unknown): string {
  const places = placesIn(thrown instanceof Error ? (thrown.stack ?? "") : "");
  const place = places.find((one) => !isLibrary(one));
  if (place === undefined) return "an error that nobody caught";
  return isOurs(place) ? own : `an error that nobody caught, from ${place}`;
}

/** Whether somebody called process.exit, and who that was, in so far as the stack tells. */
function endedBy(stack: string): { readonly ended: boolean; readonly by?: string } {
  const [, above] = stack.split(/^.*process\.(?:exit|reallyExit) .*$/m);
  if (above === undefined) return { ended: false };
  const [by] = placesIn(above);
  return { ended: true, ...(by === undefined ? {} : { by }) };
}
