/**
 * Whether the run was a test at all: a fault that did not bite, a load that was not offered or a record with holes
 * proves nothing, however green the rest. It never fails, since the system is not to blame: it is unknown.
 */
import { z } from "zod";
import { seenBy } from "../history/journal.ts";
import { never, outcomes, tickNs, type Incident, type Ledger } from "../history/ledger.ts";
import { bypasses } from "./bypass.ts";
import type { Check } from "./contract.ts";
import { fileFlaw, journalMissing, scanFlaw } from "./evidence.ts";

const options = z.strictObject({});

export const runValid: Check<z.infer<typeof options>> = {
  about:
    "The run was what it was meant to be: its store, its proxy and its machine were well but for the faults, the system used it and its links, each fault bit and was healed, the load was offered in time, and the record has no holes. It never fails: a run that was no test makes the verdict unknown, since the system is not to blame.",
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
      ...faultsNotHealed(ledger.incidents),
      ...loadNotMet(ledger, load),
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

interface Offered {
  readonly sent: number;
  readonly late: number;
  /** Late because their producer was killed or stood still: that is the fault's doing, and was meant. */
  readonly lateByFault: number;
  /** Of the others. */
  readonly latestMs: number;
}

/** Another producer has to be started, and to catch up. */
const catchUpNs = 5e9;

function offered(ledger: Ledger): Offered {
  const {
    columns: { outcome, intendedAt, sentAt },
    run,
  } = ledger;
  const isExcused = producerAway(ledger);
  const lateAfter = (run.load.lateAfterMs * 1e6) / tickNs;
  let sent = 0;
  let late = 0;
  let lateByFault = 0;
  let latest = 0;
  for (let job = 0; job < outcome.length; job++) {
    const at = sentAt[job] ?? never;
    if (outcome[job] === outcomes.notSent || at === never) continue;
    sent++;
    const behind = at - (intendedAt[job] ?? 0);
    if (behind > lateAfter && isExcused(job, (intendedAt[job] ?? 0) * tickNs)) {
      lateByFault++;
      continue;
    }
    if (behind > lateAfter) late++;
    if (behind > latest) latest = behind;
  }
  return { sent, late, lateByFault, latestMs: (latest * tickNs) / 1e6 };
}

/**
 * Whether at that time (ns since origin) the job's producer was killed or paused, or had just been. Producers take turns:
 * job n is sent by the slot n modulo their number.
 */
function producerAway({ incidents, incarnations }: Ledger): (job: number, at: number) => boolean {
  const slots = new Set(incarnations.filter(({ role }) => role === "producer").map(({ slot }) => slot));
  const away = incidents.filter(({ effect }) => effect === "killed" || effect === "paused");
  const bySlot = Array.from({ length: slots.size }, (_, slot) =>
    away.filter(({ touches }) => touches.includes(`producer:${slot}`)),
  );
  return (job, at) => bySlot[job % slots.size]?.some(({ from, to }) => at >= from && at <= to + catchUpNs) === true;
}

function loadNotMet({ run }: Ledger, { sent, late, latestMs }: Offered): readonly string[] {
  const reasons: string[] = [];
  if (sent < run.jobs) reasons.push(`the load was not met: ${run.jobs - sent} of ${run.jobs} jobs were never sent`);
  const { lateShare, lateAfterMs } = run.load;
  if (late > lateShare * run.jobs) {
    const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
    reasons.push(
      `the load was not met in time: ${percent(late / run.jobs)} of the jobs were sent more than ${lateAfterMs} ms late (at most ${percent(lateShare)} may be), the worst ${Math.round(latestMs)} ms`,
    );
  }
  return reasons;
}
