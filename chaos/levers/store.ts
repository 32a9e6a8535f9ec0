/** The store that the run itself started: stopped for a while, started again on its data and port. */
import { readFileSync } from "node:fs";
import { eventually } from "../../std/deadline.ts";
import { end, gone, launch, type Exit } from "../../std/launch.ts";
import { isAlive, signal, type ProcessIdentity } from "../../std/process-identity.ts";
import { within } from "../../std/deadline.ts";
import type { Address, StoreLever } from "../contract.ts";
import { askOnce } from "./probe.ts";

/** All that another process needs to start it again. */
export interface StoreHandles {
  readonly address: Address;
  readonly command: string;
  readonly words: readonly string[];
  readonly log: string;
  /** Who served when these were written down. */
  readonly identity?: ProcessIdentity;
}

export interface OwnStore extends StoreLever {
  handles(): StoreHandles;
  /** Ends it for good. */
  close(): Promise<void>;
}

/** Reading a large append-only file takes its time. */
const startMs = 120_000;
const stopMs = 60_000;

/** @param started puts each new process on file, before it begins */
export function storeLever(handles: StoreHandles, started: (identity: ProcessIdentity) => void): OwnStore {
  const { address, command, words, log } = handles;
  let identity = handles.identity;
  let closed = false;

  const answers = async (deadlineMs: number): Promise<boolean> => {
    try {
      return (await within(askOnce(address, "PING"), deadlineMs, "PONG")) === "+PONG";
    } catch {
      return false;
    }
  };

  const begin = (): (() => Exit | undefined) => {
    if (closed) throw new Error("the store was closed for good");
    const { exit } = launch(command, words, {
      log,
      known: (now) => {
        identity = now;
        started(now);
      },
    });
    return exit;
  };

  return {
    address,
    answers,
    async stop(how) {
      if (identity === undefined || !signal(identity, how === "crash" ? "SIGKILL" : "SIGTERM")) {
        throw new Error("the store does not run: there is nothing to stop");
      }
      await gone(identity, stopMs);
    },
    async start() {
      if (await answers(1000)) return;
      let exit: () => Exit | undefined = () => undefined;
      if (identity === undefined || !isAlive(identity)) exit = begin();
      await eventually(
        async () => {
          const ended = exit();
          if (ended !== undefined)
            throw new Error(`${command} ended (${ended.signal ?? `exit code ${ended.code}`}): ${lastLine(log)}`);
          return await answers(1000);
        },
        { deadlineMs: startMs, awaited: `${command} to answer on port ${address.port} (see ${log})`, everyMs: 10 },
      );
    },
    handles: () => ({ address, command, words, log, ...(identity === undefined ? {} : { identity }) }),
    async close() {
      closed = true;
      // Nobody will read its data again.
      if (identity !== undefined) await end(identity, "SIGKILL", stopMs);
    },
  };
}

const lastLine = (file: string): string => readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
