/**
 * Whether the run was a test at all: a fault that did not bite, a load that was not offered or a record with holes
 * proves nothing, however green the rest. It never fails, since the system is not to blame: it is unknown.
 */
import { z } from "zod";
import { seenBy } from "../history/journal.ts";
import { isAcknowledged, outcomes, type Incident, type Ledger } from "../history/ledger.ts";
import { offered, sentLate, type Offered } from "../history/offered.ts";
import { bypasses } from "./bypass.ts";
import type { Check } from "./contract.ts";
import { fileFlaw, journalMissing, scanFlaw } from "./evidence.ts";

const options = z.strictObject({});

export const runValid: Check<z.infer<typeof options>> = {
  about:
    "The run was what it was meant to be: its store, its proxy and its machine were well but for the faults, the system used it and its links, each fault came in time, bit and was healed, the load was offered in time, at least half of what was sent was taken and begun, and the record has no holes. It never fails: a run that was no test makes the verdict unknown, since the system is not to blame.",
  needs: [],
  options,
  neutral: {},
  always: true,
  check(ledger) {
    const load = offered(ledger);
    const proven = ledger.incidents.filter(({ bit }) => bit?.proven).length;
    const counts = {
      jobs: ledger.run.jobs,
      sent: load.sent,
      late: load.late,
      lateByFault: load.lateByFault,
      latestMs: load.latestMs,
      ...takenIn(ledger),
      faults: ledger.incidents.length,
      bit: proven,
      bitByProbeAlone: ledger.incidents.filter(({ bit }) => bit?.proven && bit.facts[seenBy] === "probe").length,
      healed: ledger.incidents.filter(({ healed }) => healed?.proven).length,
      kindsLeftOut: ledger.run.leftOut.length,
      records: ledger.integrity.records,
    };
    const scan = ledger.scan === undefined && ledger.stopped !== undefined ? undefined : scanFlaw(ledger);
    const journal = journalMissing(ledger);
    const { bent } = ledger.integrity;
    const reasons = [
      ...(bent.length === 0 ? [] : [`the record is not what was written: ${bent.join("; ")}`]),
      ...ledger.trouble.map(({ what }) => what),
      ...killedByOthers(ledger.deaths),
      ...(ledger.stopped === undefined ? [] : [`the run was stopped: ${ledger.stopped}`]),
      ...bypasses(ledger),
      ...ledger.flaws,
      ...faultsThatDidNotBite(ledger),
      ...faultsAfterTheLoad(ledger),
      ...faultsNotHealed(ledger.incidents),
      ...loadNotMet(ledger, load),
      ...tooLittleTaken(ledger, load.sent),
      ...endedByThemselves(ledger),
      ...(journal === undefined ? [] : [journal]),
      ...ledger.integrity.incomplete.map(fileFlaw),
      ...(scan === undefined ? [] : [scan]),
    ];
    return reasons.length === 0
      ? { verdict: "pass", judged: load.sent, exposed: load.sent, counts }
      : { verdict: "unknown", reason: reasons.join("; "), counts };
  },
};

/** Whose doing it was, nobody of the run knows: no process gets such a signal for what it did itself. */
const killedByOthers = (deaths: Ledger["deaths"]): readonly string[] =>
  deaths
    .filter(({ by }) => by === "outside")
    .map(
      ({ role, slot, incarnation, signal, at }) =>
        `${role} ${slot} (process ${incarnation}) was ended by ${signal} at ${(at / 1e9).toFixed(1)} s, and nobody of the run had sent it`,
    );

/** `worker-kill-3`, also where its id is only a number. */
const nameOf = ({ id, fault }: Incident): string => (id.startsWith(fault) ? id : `${fault} #${id}`);

function faultsThatDidNotBite({ run, incidents }: Ledger): readonly string[] {
  const names = new Set([...Object.keys(run.scheduled), ...incidents.map(({ fault }) => fault)]);
  return [...names].flatMap((name) => {
    const armed = incidents.filter(({ fault }) => fault === name);
    const dud = armed.filter(({ bit }) => !bit?.proven);
    const scheduled = run.scheduled[name] ?? armed.length;
    const reasons = dud.map((incident) => `${nameOf(incident)} did not bite: ${whyNot(incident.bit)}`);
    if (armed.length < scheduled)
      reasons.push(`${name} was to strike ${scheduled} times, but was armed ${armed.length} times`);
    return reasons;
  });
}

/** So much later than planned a fault may come on a machine that has other things to do. */
const lateFaultNs = 3e9;

/**
 * On a machine that is too slow to arm them in time: planned into the load, they came when there was nothing left to
 * break.
 */
const faultsAfterTheLoad = ({ run, incidents, phases: { loadTo } }: Ledger): readonly string[] =>
  incidents.flatMap((incident) => {
    const planned = (run.plannedAt?.[incident.id] ?? Number.POSITIVE_INFINITY) * 1e6;
    const lateNs = incident.from - planned;
    return incident.from > loadTo && lateNs > lateFaultNs
      ? [
          `${nameOf(incident)} came ${(lateNs / 1e9).toFixed(1)} s late, when the load into which it was planned was over: the machine was too slow`,
        ]
      : [];
  });

const faultsNotHealed = (incidents: readonly Incident[]): readonly string[] =>
  incidents
    .filter(({ healed }) => !healed?.proven)
    .map((incident) => `${nameOf(incident)} is not proven to be over: ${whyNot(incident.healed)}`);

const endedByThemselves = ({ incarnations, integrity }: Ledger): readonly string[] =>
  incarnations.flatMap(({ incarnation, role, end }) =>
    end !== "crashed" || integrity.incomplete.some((file) => file.incarnation === incarnation)
      ? []
      : [`${role} process ${incarnation} ended by itself, without having been told to`],
  );

const whyNot = (evidence: Incident["bit"]): string =>
  evidence === undefined ? "no evidence was gathered" : evidence.proven ? "proven" : evidence.why;

/**
 * Promises are about jobs that were acknowledged and begun. Where these are the smaller part of what was sent, a
 * verdict would be about the exception: no fault of a scenario keeps producers away for half of its load.
 */
const shareLeast = 0.5;

/** `written`: acknowledged, and not as another job that was there before. */
function takenIn({ columns: { outcome, starts } }: Ledger): Record<"acknowledged" | "written" | "begun", number> {
  let [acknowledged, written, begun] = [0, 0, 0];
  for (let job = 0; job < outcome.length; job++) {
    if (isAcknowledged(outcome[job])) acknowledged++;
    if (outcome[job] !== outcomes.ok) continue;
    written++;
    if ((starts[job] ?? 0) > 0) begun++;
  }
  return { acknowledged, written, begun };
}

function tooLittleTaken(ledger: Ledger, sent: number): readonly string[] {
  const { acknowledged, written, begun } = takenIn(ledger);
  const least = `at least ${percent(shareLeast)} have to be, or the run is no test`;
  if (acknowledged < shareLeast * sent)
    return [`${percent(acknowledged / sent)} of ${sent} enqueues were acknowledged: ${least}`];
  if (begun < shareLeast * written)
    return [`${percent(begun / written)} of ${written} acknowledged jobs were begun: ${least}`];
  return [];
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function loadNotMet({ run }: Ledger, load: Offered): readonly string[] {
  const late = sentLate(run, load);
  const unsent =
    load.sent < run.jobs ? [`the load was not met: ${run.jobs - load.sent} of ${run.jobs} jobs were never sent`] : [];
  return late === undefined ? unsent : [...unsent, late];
}
