/**
 * Undoes what runs left behind whose harness is gone: processes, directories, containers, keys and proxies. A journal
 * says where to look; what is found there is undone when it carries the mark of a harness that is gone, and is told
 * otherwise.
 */
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ControlError, proxyControl } from "../chaos/levers/proxy.ts";
import type { JournalLine } from "../history/journal.ts";
import { gone } from "../std/launch.ts";
import { isThere } from "../std/plain-file.ts";
import { isAlive, signal, type ProcessIdentity } from "../std/process-identity.ts";
import { messageOf } from "../std/user-error.ts";
import { removeContainers } from "./environment/containers.ts";
import { readHandles, type EnvironmentHandles } from "./environment/handles.ts";
import { markOfKeys, removeKeys } from "./environment/keys.ts";
import { isMarked, isOrphaned, markIn, orphans } from "../std/mark.ts";

export interface Undone {
  /** Names of the processes and containers that were still there. */
  readonly killed: readonly string[];
  /** Proxies removed from a Toxiproxy that the user had named: whatever was armed on them is over. */
  readonly proxies: readonly string[];
  readonly directories: readonly string[];
  /** How many were removed from a store that the user had named. */
  readonly keys: number;
  /** What was not undone, and why. */
  readonly left: readonly string[];
}

export interface Remains {
  /** What a journal says. */
  readonly lines: readonly JournalLine[];
  /**
   * Of the harness: what carries it is undone also where no line tells of it. Left out: whatever carries that of any
   * that is gone.
   */
  readonly mark?: string | undefined;
}

const killedMs = 30_000;

/** Idempotent: what is gone stays gone. */
export async function undo({ lines, mark }: Remains): Promise<Undone> {
  const left: string[] = [];
  const tried = async <T>(what: string, work: (leave: (why: string) => void) => Promise<T>, nothing: T): Promise<T> => {
    const leave = (why: string): void => void left.push(`${what}: ${why}`);
    try {
      return await work(leave);
    } catch (thrown) {
      leave(messageOf(thrown));
      return nothing;
    }
  };
  const isMeant = (one: string): boolean => mark === undefined || one === mark;
  const killed = await tried("processes", (leave) => killAll(lines, isMeant, leave), []);
  const proxies = await tried("proxies", (leave) => removeProxies(lines, leave), []);
  const directories = await tried("directories", async (leave) => removeDirectories(lines, isMeant, leave), []);
  const containers = await tried("containers", (leave) => removeAllContainers(lines, leave), []);
  const keys = await tried("keys", (leave) => removeAllKeys(lines, leave), 0);
  return { killed: [...killed, ...containers], proxies, directories, keys, left };
}

/** Faults that are not known to be healed. */
export const armed = (lines: readonly JournalLine[]): readonly string[] => {
  const healed = new Set(lines.flatMap((line) => (line.type === "healed" ? [line.id] : [])));
  return lines.flatMap((line) => (line.type === "arming" && !healed.has(line.id) ? [line.id] : []));
};

type Leave = (why: string) => void;
type IsMeant = (mark: string) => boolean;

const unmarked = "carries no mark of a run whose harness is gone, and was left alone";

async function killAll(lines: readonly JournalLine[], isMeant: IsMeant, leave: Leave): Promise<readonly string[]> {
  const found = new Map<number, { readonly identity: ProcessIdentity; readonly name: string }>();
  for (const line of lines) {
    const isStarted = line.type === "helper" || (line.type === "spawned" && line.role !== "harness");
    if (!isStarted || !isAlive(line.identity)) continue;
    const name = line.type === "helper" ? line.name : `${line.role} ${line.slot}`;
    if (isMarked(line.identity)) found.set(line.identity.pid, { identity: line.identity, name });
    else leave(`${name} (${line.identity.pid}) ${unmarked}`);
  }
  for (const { identity, name, mark } of orphans())
    if (isMeant(mark) && !found.has(identity.pid)) found.set(identity.pid, { identity, name });
  const living = [...found.values()].filter(({ identity }) => signal(identity, "SIGKILL"));
  await Promise.all(living.map(({ identity }) => gone(identity, killedMs)));
  return living.map(({ name, identity }) => `${name} (${identity.pid})`);
}

function handlesIn(lines: readonly JournalLine[]): EnvironmentHandles {
  const environment = lines.findLast((line) => line.type === "environment");
  return readHandles(environment?.type === "environment" ? environment.handles : {});
}

async function removeProxies(lines: readonly JournalLine[], leave: Leave): Promise<readonly string[]> {
  const { proxy } = handlesIn(lines);
  if (proxy === undefined || proxy.own) return []; // gone with its server
  const control = proxyControl(proxy.api);
  const ours = proxy.links.filter(({ name }) => isOrphaned(markIn(name) ?? ""));
  for (const { name } of proxy.links) if (!ours.some((one) => one.name === name)) leave(`${name} ${unmarked}`);
  try {
    for (const link of ours) await control.remove(link);
  } catch (thrown) {
    // Toxiproxy keeps nothing: one that no longer listens has no proxies either.
    if (!(thrown instanceof ControlError && thrown.message.includes("ECONNREFUSED"))) throw thrown;
  }
  return ours.map(({ name }) => name);
}

async function removeAllContainers(lines: readonly JournalLine[], leave: Leave): Promise<readonly string[]> {
  const labels = lines.flatMap((line) => (line.type === "containers" ? [line.label] : []));
  const removed: string[] = [];
  for (const label of labels) {
    if (isOrphaned(markIn(`whitewater-${label}`) ?? "")) removed.push(...(await removeContainers(label)));
    else leave(`their label ${label} ${unmarked}`);
  }
  return removed.map((name) => `container ${name}`);
}

async function removeAllKeys(lines: readonly JournalLine[], leave: Leave): Promise<number> {
  let removed = 0;
  for (const line of lines) {
    if (line.type !== "namespace") continue;
    const mark = await markOfKeys(line.store, line.name);
    if (mark === undefined) continue; // removed already, or never begun
    if (isOrphaned(mark)) removed += await removeKeys(line.store, line.name);
    else leave(`the mark beside ${line.name}* is not one of a run whose harness is gone: they were left alone`);
  }
  return removed;
}

function removeDirectories(lines: readonly JournalLine[], isMeant: IsMeant, leave: Leave): readonly string[] {
  const named = lines.flatMap((line) =>
    line.type === "helper" && line.directory !== undefined ? [line.directory] : [],
  );
  const removed: string[] = [];
  for (const path of new Set([...named, ...clocksOf(lines), ...markedDirectories(isMeant)])) {
    if (!isThere(path)) continue;
    if (!isOurs(path)) {
      leave(`${path} ${unmarked}`);
      continue;
    }
    rmSync(path, { recursive: true, force: true });
    removed.push(path);
  }
  return removed;
}

/** By itself, and not by a link; of nobody else; and of a run whose harness is gone. */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const isMine = process.getuid === undefined || found?.uid === process.getuid();
  return found?.isDirectory() === true && isMine && isOrphaned(markIn(basename(path)) ?? "");
}

const markedDirectories = (isMeant: IsMeant): readonly string[] =>
  readdirSync(tmpdir())
    .filter((name) => {
      const mark = markIn(name);
      return mark !== undefined && isMeant(mark) && isOurs(join(tmpdir(), name));
    })
    .map((name) => join(tmpdir(), name));

function clocksOf(lines: readonly JournalLine[]): readonly string[] {
  try {
    return [handlesIn(lines).clocks?.directory ?? []].flat();
  } catch {
    return []; // what is wrong with the handles was told with the proxies
  }
}
