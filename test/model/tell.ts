/**
 * Tells one case as a person reads it: the verdict on it, its terms, its faults and processes, and the lives that
 * matter.
 */
import { hitsOf } from "../../history/hits.ts";
import { buildLedger } from "../../history/ledger-builder.ts";
import type { Ledger } from "../../history/ledger.ts";
import { recoveriesOf } from "../../history/recoveries.ts";
import type { Case } from "./case.ts";
import { outcomeOf } from "./prove.ts";

const s = (ns: number | undefined): string => (ns === undefined ? "-" : (ns / 1e9).toFixed(3));

export function tell(made: Case): readonly string[] {
  const { facts, journal, sources, seed, planted, world } = made;
  const ledger = buildLedger(facts, journal, sources);
  const outcome = outcomeOf(made);
  const { jobs, terms, bounds, tellsSettlements, concurrency, attempts, backoffMs } = world;
  const named = "what" in outcome ? [...outcome.what.matchAll(/[Jj]ob (\d+)/g)].map(([, job]) => Number(job)) : [];
  const shown = new Set([...named, ...(planted?.job === undefined ? [] : [planted.job])]);
  return [
    `${seed}: ${planted === undefined ? "clean" : `${planted.bug.breaks}: ${planted.bug.what}`}`,
    `judged ${outcome.is}${"what" in outcome ? `: ${outcome.what}` : ""}`,
    JSON.stringify({ tellsSettlements, concurrency, attempts, backoffMs, terms, bounds, drain: ledger.drain }),
    ...incidentsOf(ledger),
    ...processesOf(ledger),
    ...[...shown].flatMap((job) => [`job ${job}: ${JSON.stringify(jobs[job])}`, ...lifeOf(ledger, job)]),
  ];
}

const incidentsOf = ({ incidents, armedAt }: Ledger): readonly string[] =>
  incidents.map(
    ({ id, effect, from, to, incarnations }) =>
      `${id}: ${effect} from ${s(from)} (armed ${s(armedAt.get(id))}) to ${s(to)}, on processes ${incarnations.join(", ")}`,
  );

const processesOf = (ledger: Ledger): readonly string[] =>
  ledger.incarnations.map(({ incarnation, role, slot, spawnedAt, exitedAt, end }) => {
    const hits = hitsOf(ledger, incarnation).map(({ cause, from, to }) => `${cause} ${s(from)}-${s(to)}`);
    return `process ${incarnation}: ${role} ${slot}, spawned ${s(spawnedAt)}, ready ${s(ledger.readyAt.get(incarnation))}, ${end} ${s(exitedAt)} ${hits.join(" ")}`;
  });

const lifeOf = (ledger: Ledger, job: number): readonly string[] => [
  ...ledger
    .life(job)
    .map(
      ({ at, kind, incarnation, attempt, code }) =>
        `  ${s(at).padStart(8)} ${kind} by ${incarnation}, attempt ${attempt}, code ${code}`,
    ),
  ...recoveriesOf(ledger)
    .filter((one) => one.job === job)
    .map(
      ({ incident, hitAt, recoveredAt, ms }) =>
        `  hit ${incident?.id ?? "by nobody"} ${s(hitAt)}, went on ${s(recoveredAt)}, counts ${ms.toFixed(0)} ms`,
    ),
];
