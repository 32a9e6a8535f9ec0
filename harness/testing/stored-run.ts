/** A scripted history as a run's directory: what a run leaves when it is over, to be judged from the disk. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runDirectory, type RunDirectory } from "../run-directory.ts";
import { sealRecord } from "../seal.ts";
import { sealLine } from "../../history/journal-file.ts";
import { historyFile } from "../../history/reader.ts";
import type { Claims } from "../../systems/contract.ts";
import type { History } from "../../history/testing/history.ts";

/** Sealed unless it is said that the run was never over. */
export async function storeRun(path: string, run: History, claims: Claims, sealed = true): Promise<RunDirectory> {
  const directory = runDirectory(path);
  mkdirSync(directory.history, { recursive: true });
  mkdirSync(join(path, "logs"));
  writeFileSync(directory.log("redis"), "ready\n");
  let [text, before] = ["", ""];
  for (const line of run.journal()) {
    const written = sealLine(line, before);
    text += `${written.text}\n`;
    before = written.sum;
  }
  writeFileSync(directory.journal, text);
  for (const source of run.sources()) {
    const into = new Uint8Array(1 << 20);
    using file = source.open();
    writeFileSync(historyFile(directory.history, source.incarnation), into.subarray(0, file.read(into, 0)));
  }
  writeFileSync(directory.description, JSON.stringify(descriptionOf(run, directory.id, claims), null, 2));
  if (sealed) await sealRecord(directory);
  return directory;
}

function descriptionOf(run: History, id: string, claims: Claims): object {
  const { run: facts } = run.ledger();
  const { jobs, attempts, backoffMs, producers, concurrency, payloadBytes, priorities } = facts;
  const shares = Object.fromEntries(priorities.map(({ name, weight }) => [name, { weight, share: weight }]));
  return {
    format: 2,
    id,
    startedAt: "2026-01-01T00:00:00.000Z",
    scenario: { name: facts.scenario, about: "written down" },
    system: {
      name: facts.system,
      about: "",
      profile: "defaults",
      settings: {},
      tellsSettlements: facts.tellsSettlements,
    },
    claims,
    bounds: facts.bounds,
    exercises: facts.exercises,
    seed: facts.seed,
    repeat: "",
    load: {
      jobs,
      seconds: 30,
      producers,
      concurrency,
      payloadBytes,
      retries: { attempts, backoffMs },
      ...(priorities.length === 0 ? {} : { priorities: shares }),
    },
    met: facts.load,
    schedule: [],
    environment: {
      versions: {},
      providers: {},
      store: { profile: "plain", settings: {} },
      paths: {},
      machine: { platform: "", cpus: 1, cpu: "", memoryGiB: 1 },
      commit: null,
    },
  };
}
