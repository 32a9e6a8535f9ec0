/** The store that the run itself started: stopped for a while, started again on its data and port. */
import { readFileSync } from "node:fs";
import { eventually, within } from "../../std/deadline.ts";
import { end, gone, launch, type Exit } from "../../std/launch.ts";
import { isAlive, processorMs, signal, type ProcessIdentity } from "../../std/process-identity.ts";
import type { Address, StoreLever } from "../contract.ts";
import { askOnce } from "./probe.ts";

/** All that another process needs to start it again. */
export interface StoreHandles {
  readonly address: Address;
  readonly command: string;
  readonly words: readonly string[];
  readonly log: string;
  /** Beside the environment of whoever starts it. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Who served when these were written down. */
  readonly identity?: ProcessIdentity;
}

/** The same for each node of a cluster. */
export interface ClusterHandles {
  readonly nodes: readonly StoreHandles[];
}

/** The same where a container engine keeps it. */
export interface ContainedHandles {
  readonly address: Address;
  readonly container: string;
  readonly log: string;
}

export interface OwnServer {
  readonly address: Address;
  /** How it ended, where nobody of the run had stopped it. */
  ended(): Promise<string | undefined>;
  /** How much of a processor it has used so far, ms; undefined where nobody tells. */
  processorMs(): number | undefined;
}

export interface OwnStore<Handles = StoreHandles | ContainedHandles | ClusterHandles> extends StoreLever {
  handles(): Handles;
  /** One for each of the nodes. */
  readonly servers: readonly OwnServer[];
  /** Ends it for good. */
  close(): Promise<void>;
}

/** Reading a large append-only file takes its time. */
const startMs = 120_000;
const stopMs = 60_000;

/** @param started puts each new process on file, before it begins */
export function storeLever(
  handles: StoreHandles,
  started: (identity: ProcessIdentity) => void,
): OwnStore<StoreHandles> {
  const { identity: first, ...terms } = handles;
  const { address, command, words, log, variables = {} } = terms;
  let identity = first;
  let closed = false;
  let exit: () => Exit | undefined = () => undefined;
  let meant = false;

  const begin = (): void => {
    if (closed) throw new Error("the store was closed for good");
    meant = false;
    const known = (now: ProcessIdentity): void => started((identity = now));
    ({ exit } = launch(command, words, { log, variables, known }));
  };

  const server: OwnServer = {
    address,
    async ended() {
      const how = exit();
      return how === undefined || meant ? undefined : endingOf(how, log);
    },
    processorMs: () => identity && processorMs(identity),
  };

  return {
    address,
    nodes: [address],
    servers: [server],
    answers: (deadlineMs) => answersPing(address, deadlineMs),
    async stop(how) {
      if (identity === undefined || !signal(identity, how === "crash" ? "SIGKILL" : "SIGTERM")) {
        throw new Error("the store does not run: there is nothing to stop");
      }
      meant = true;
      await gone(identity, stopMs);
    },
    async start() {
      if (identity === undefined || !isAlive(identity)) {
        // Another process with the same handles may have started it.
        if (identity !== undefined && (await answersPing(address, 1000))) return;
        begin();
      }
      await untilServed(handles, exit, () => identity?.pid);
    },
    handles: () => ({ ...terms, ...(identity === undefined ? {} : { identity }) }),
    async close() {
      closed = true;
      meant = true;
      // Nobody will read its data again.
      if (identity !== undefined) await end(identity, "SIGKILL", stopMs);
    },
  };
}

/** Who was killed had no time to say why. */
const endingOf = ({ signal, code }: Exit, log: string): string =>
  signal === "SIGKILL" ? signal : `${signal ?? `code ${code}`} (${lastLine(log)})`;

/** @throws Error when it ended, or another process answers in its place until the deadline */
async function untilServed(
  { address, command, log }: StoreHandles,
  exit: () => Exit | undefined,
  pid: () => number | undefined,
): Promise<void> {
  await eventually(
    async () => {
      const ended = exit();
      if (ended !== undefined) throw new Error(`it ended with ${ended.signal ?? ended.code}: ${lastLine(log)}`);
      return (await answersPing(address, 1000)) && (await servedBy(address)) === pid();
    },
    { deadlineMs: startMs, awaited: `${command} to answer on port ${address.port} (see ${log})`, everyMs: 10 },
  );
}

export async function answersPing(address: Address, deadlineMs: number): Promise<boolean> {
  try {
    return (await within(askOnce(address, "PING"), deadlineMs, "PONG")) === "+PONG";
  } catch {
    return false;
  }
}

/** The pid of who listens there; another server may have been quicker to take the port. */
export const servedBy = async (address: Address): Promise<number> =>
  Number(/^process_id:(\d+)/m.exec(await askOnce(address, "INFO server").catch(() => ""))?.[1]);

const lastLine = (file: string): string => readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
