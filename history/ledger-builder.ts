/**
 * From the journal and the history files to the ledger: two passes over the files and one over the journal. About 36
 * bytes a job (one more where jobs have priorities, two and a half while it reads) and 18 bytes an event of an
 * exceptional job, whatever the number of records.
 */
import { readColumns } from "./columns.ts";
import { deathsOf, lastWordsIn, stopsFrom } from "./deaths.ts";
import { livesOfProcesses } from "./incarnations.ts";
import type { FileFacts } from "./first-pass.ts";
import { incidentsOf } from "./incidents.ts";
import { journalFlaw, type JournalLine, type Phase } from "./journal.ts";
import type { Columns, Ledger, OwnTrouble, Phases, RecordFacts, RunFacts } from "./ledger.ts";
import { readLives, type Lives } from "./lives.ts";
import type { HistorySource } from "./reader.ts";
import { receiptsOf } from "./receipts.ts";
import { killsItsWorker } from "./record.ts";

/**
 * The origin of all times is the beginning of the load phase (the first line of the journal where there is none), so
 * what came before it, such as the start of the first workers, has negative times and is kept at 0 in columns.
 */
export function buildLedger(
  run: RunFacts,
  journal: readonly JournalLine[],
  files: readonly HistorySource[],
  record?: RecordFacts,
): Ledger {
  const origin = phaseAt(journal, "load") ?? journal[0]?.at ?? 0;
  const first = readColumns(run, origin, files);
  const lives = readLives(first, run.tellsSettlements, origin, files);
  const endsAt = Math.max(
    journal.at(-1)?.at ?? origin,
    ...first.files.map((file) => (Number.isNaN(file.lastAt) ? origin : file.lastAt)),
  );
  const { incarnations, hiccups, incomplete } = livesOfProcesses(journal, first.files, origin, endsAt);
  const incidents = incidentsOf(journal, incarnations, origin, endsAt);
  const readyAt = new Map(
    journal.flatMap((line) => (line.type === "ready" ? [[line.incarnation, line.at - origin] as const] : [])),
  );
  const startedKiller = startersOfKillers(first.columns, lives);
  return {
    run,
    origin,
    columns: first.columns,
    ...lives,
    incarnations,
    startedKiller,
    hiccups,
    readyAt,
    deaths: deathsOf(
      incarnations,
      { incidents, stopsFrom: stopsFrom(journal) - origin, wasReady: (one) => readyAt.has(one), startedKiller },
      lastWordsIn(journal),
    ),
    incidents,
    trouble: troubleIn(journal, origin),
    armedAt: new Map(journal.flatMap((line) => (line.type === "armed" ? [[line.id, line.at - origin] as const] : []))),
    storeClock: { ...first.storeClock, bent: incidents.filter(({ touches }) => touches.includes("clock:store")) },
    depths: first.depths,
    activity: new Map(first.files.map(({ incarnation, activity }) => [incarnation, activity])),
    sampledStarts: first.sampledStarts,
    receipts: receiptsOf(first.receipts),
    processorTime: new Map(first.files.map((file) => [file.incarnation, file.processorTime])),
    phases: phasesOf(journal, origin, endsAt),
    rates: first.rates,
    integrity: {
      bent: [...(record?.bent ?? []), ...first.files.flatMap((file) => bentIn(file, record?.checksums))],
      journal: journalFlaw(journal),
      incomplete,
      records: first.files.reduce((sum, file) => sum + file.records, 0),
    },
    corrupt: first.corrupt,
    connections: lastOf(journal, "connections"),
    drain: lastOf(journal, "drain"),
    scan: lastOf(journal, "scanned"),
    stopped: lastOf(journal, "stopped")?.why,
    flaws: [...new Set(journal.flatMap((line) => (line.type === "flaw" ? [line.why] : [])))],
  };
}

/** @param checksums whether the run is of a format that has them, where that is known */
function bentIn({ author, bent, checksums, incarnation }: FileFacts, expected: boolean | undefined): readonly string[] {
  const which = `history/${incarnation}.bin: `;
  if (bent !== undefined) return [`${which}${bent}`];
  if (author === undefined || expected === undefined || checksums === expected) return [];
  return [
    `${which}it has ${checksums ? "" : "no "}checksums, and the run is of a format with${expected ? "" : "out"} them`,
  ];
}

const troubleIn = (journal: readonly JournalLine[], origin: number): readonly OwnTrouble[] =>
  journal
    .flatMap((line) => (line.type === "trouble" ? [{ of: line.of, what: line.what, from: line.from - origin }] : []))
    .toSorted((a, b) => a.from - b.from);

/** Whether a process had started a job whose script ends it; looked up once, when it is first asked. */
function startersOfKillers({ plannedFailures }: Columns, lives: Lives): (incarnation: number) => boolean {
  let starters: Set<number> | undefined;
  const look = (): Set<number> => {
    const found = new Set<number>();
    for (const { job, life } of lives.exceptions()) {
      if (plannedFailures[job] !== killsItsWorker) continue;
      for (const { kind, incarnation } of life) if (kind === "start") found.add(incarnation);
    }
    return found;
  };
  return (incarnation) => (starters ??= look()).has(incarnation);
}

const phaseAt = (journal: readonly JournalLine[], phase: Phase): number | undefined =>
  journal.find((line) => line.type === "phase" && line.phase === phase)?.at;

const lastOf = <Type extends JournalLine["type"]>(
  journal: readonly JournalLine[],
  type: Type,
): Extract<JournalLine, { readonly type: Type }> | undefined =>
  journal.findLast((line): line is Extract<JournalLine, { readonly type: Type }> => line.type === type);

/** ns since origin; a phase that the run did not reach begins where the run ended. */
function phasesOf(journal: readonly JournalLine[], origin: number, endsAt: number): Phases {
  const over = phaseAt(journal, "over") ?? endsAt;
  const scan = phaseAt(journal, "scan") ?? over;
  const drain = phaseAt(journal, "drain") ?? scan;
  const heal = phaseAt(journal, "heal") ?? drain;
  // From then on workers are asked to stop: what does not happen any more is nobody's fault.
  const drained = lastOf(journal, "drain")?.at ?? scan;
  return { loadFrom: 0, loadTo: heal - origin, drainFrom: drain - origin, drainTo: Math.min(drained, scan) - origin };
}
