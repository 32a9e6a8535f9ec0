/**
 * Undoes what a harness that died left behind, from its journal alone: processes, containers, directories, and proxies in
 * a Toxiproxy that was not its own. Run by the guardian right after the death, and once more by whoever starts the harness next.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ControlError, proxyControl } from "../chaos/levers/proxy.ts";
import { openJournal, readJournal } from "../history/journal-file.ts";
import type { JournalLine } from "../history/journal.ts";
import { monotonic } from "../std/clock.ts";
import { gone } from "../std/launch.ts";
import { isAlive, signal } from "../std/process-identity.ts";
import { messageOf } from "../std/user-error.ts";
import { removeContainers } from "./environment/containers.ts";
import { removeKeys } from "./environment/keys.ts";
import { clocksPrefix, directoryPrefix, readHandles, type EnvironmentHandles } from "./environment/handles.ts";
import { journalName } from "./run-directory.ts";

export interface Swept {
  readonly directory: string;
  /** Names of the processes and containers that were still there. */
  readonly killed: readonly string[];
  /** Proxies removed from a Toxiproxy that the user had named: whatever was armed on them is over. */
  readonly proxies: readonly string[];
  readonly directories: readonly string[];
  /** How many were removed from a store that the user had named. */
  readonly keys: number;
  /** What could not be undone, and why: it is tried again the next time. */
  readonly left: readonly string[];
}

const killedMs = 30_000;
const prefixes = [directoryPrefix, clocksPrefix];

/** Idempotent: what is gone stays gone. The harness itself is never touched; @see isAbandoned */
export async function sweep(directory: string): Promise<Swept> {
  const file = join(directory, journalName);
  const lines = readJournal(file);
  const left: string[] = [];
  const undone = async <T>(what: string, undo: () => Promise<T>, nothing: T): Promise<T> => {
    try {
      return await undo();
    } catch (thrown) {
      left.push(`${what}: ${messageOf(thrown)}`);
      return nothing;
    }
  };
  const killed = await undone("processes", () => killAll(lines), []);
  const proxies = await undone("proxies", () => removeProxies(lines), []);
  const directories = await undone("directories", async () => removeDirectories(lines), []);
  const containers = await undone("containers", () => removeAllContainers(lines), []);
  const keys = await undone("keys", () => removeAllKeys(lines), 0);
  if (left.length === 0 && !isOver(lines)) {
    const journal = openJournal(file, monotonic);
    for (const id of armed(lines))
      journal.write({ type: "healed", id, evidence: { proven: true, facts: { swept: true } } });
    journal.write({ type: "stopped", why: "the harness ended before the run was over" });
    journal.write({ type: "phase", phase: "over" });
  }
  return { directory, killed: [...killed, ...containers], proxies, directories, keys, left };
}

/**
 * All runs below the directory whose harness died before they were over. Those that go on are left alone. One whose
 * journal cannot be read, such as another version's, is told and hinders no other.
 */
export async function sweepAll(runs: string): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  for (const directory of runsIn(runs)) {
    try {
      if (isAbandoned(directory)) swept.push(await sweep(directory));
    } catch (thrown) {
      const why = `${messageOf(thrown)}; if another version left it, sweep it with that one, or remove the directory`;
      swept.push({ directory, killed: [], proxies: [], directories: [], keys: 0, left: [why] });
    }
  }
  return swept;
}

/** Not over, and its harness is gone. A directory whose journal has no line yet has nothing to be swept either. */
export function isAbandoned(directory: string): boolean {
  const lines = readJournal(join(directory, journalName));
  const harness = lines.find((line) => line.type === "spawned" && line.role === "harness");
  return harness?.type === "spawned" && !isOver(lines) && !isAlive(harness.identity);
}

/** `latest` is a link to one of the others. */
const runsIn = (runs: string): readonly string[] =>
  existsSync(runs)
    ? readdirSync(runs, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(join(runs, entry.name, journalName)))
        .map(({ name }) => join(resolve(runs), name))
    : [];

const isOver = (lines: readonly JournalLine[]): boolean =>
  lines.some((line) => line.type === "phase" && line.phase === "over");

/** Faults that are not known to be healed. */
const armed = (lines: readonly JournalLine[]): readonly string[] => {
  const healed = new Set(lines.flatMap((line) => (line.type === "healed" ? [line.id] : [])));
  return lines.flatMap((line) => (line.type === "arming" && !healed.has(line.id) ? [line.id] : []));
};

async function killAll(lines: readonly JournalLine[]): Promise<readonly string[]> {
  const started = lines.flatMap((line) => {
    if (line.type === "helper") return [{ identity: line.identity, name: line.name }];
    if (line.type === "spawned" && line.role !== "harness")
      return [{ identity: line.identity, name: `${line.role} ${line.slot}` }];
    return [];
  });
  const living = started.filter(({ identity }) => signal(identity, "SIGKILL"));
  await Promise.all(living.map(({ identity }) => gone(identity, killedMs)));
  return living.map(({ name, identity }) => `${name} (${identity.pid})`);
}

function handlesIn(lines: readonly JournalLine[]): EnvironmentHandles {
  const environment = lines.findLast((line) => line.type === "environment");
  return readHandles(environment?.type === "environment" ? environment.handles : {});
}

async function removeProxies(lines: readonly JournalLine[]): Promise<readonly string[]> {
  const { proxy } = handlesIn(lines);
  if (proxy === undefined || proxy.own) return []; // gone with its server
  const control = proxyControl(proxy.api);
  try {
    for (const link of proxy.links) await control.remove(link);
  } catch (thrown) {
    // Toxiproxy keeps nothing: one that no longer listens has no proxies either.
    if (!(thrown instanceof ControlError && thrown.message.includes("ECONNREFUSED"))) throw thrown;
  }
  return proxy.links.map(({ name }) => name);
}

async function removeAllContainers(lines: readonly JournalLine[]): Promise<readonly string[]> {
  const labels = lines.flatMap((line) => (line.type === "containers" ? [line.label] : []));
  const removed = await Promise.all(labels.map((label) => removeContainers(label)));
  return removed.flat().map((name) => `container ${name}`);
}

async function removeAllKeys(lines: readonly JournalLine[]): Promise<number> {
  let removed = 0;
  for (const line of lines) if (line.type === "namespace") removed += await removeKeys(line.store, line.name);
  return removed;
}

function removeDirectories(lines: readonly JournalLine[]): readonly string[] {
  const directories = lines
    .flatMap((line) => (line.type === "helper" && line.directory !== undefined ? [line.directory] : []))
    .concat(clocksOf(lines))
    .filter((path) => prefixes.some((prefix) => basename(path).startsWith(prefix)) && existsSync(path));
  for (const path of new Set(directories)) rmSync(path, { recursive: true, force: true });
  return [...new Set(directories)];
}

function clocksOf(lines: readonly JournalLine[]): readonly string[] {
  try {
    return [handlesIn(lines).clocks?.directory ?? []].flat();
  } catch {
    return []; // what is wrong with the handles was told with the proxies
  }
}
