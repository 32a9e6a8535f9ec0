/**
 * Work that a fault took out of someone's hands, and when it went on: what the recovery bound judges and the recovery
 * time measures. The one owner of what "in flight" and "recovered" mean.
 *
 *   start ────── hit ───────────────────────────── next start, or the owner's own settlement
 *                 └ counted from here, or from the latest hit on any worker since: it may have been the new owner
 *
 * A new owner that was hit before it started the job left no record of having it, so each later hit on any worker begins
 * the count again; so does the store's return. Time without a store is not counted at all.
 */
import { fates, fatesOf } from "./fates.ts";
import { never, tickNs, type Incident, type Ledger, type LifeEvent } from "./ledger.ts";
import { elapsedNs, type Moment } from "./moments.ts";

export interface Recovery {
  readonly job: number;
  /** The fault that hit its owner; undefined for a process that died of itself. */
  readonly incident: Incident | undefined;
  /** ns since origin: the owner's death, the start of its cut, or the return of the store. */
  readonly hitAt: number;
  /** Undefined where it never went on: it is lost or left lying, and that is for other checks to say. */
  readonly recoveredAt: number | undefined;
  /** What counts against the bound; undefined with `recoveredAt`. */
  readonly ms: number | undefined;
}

export function recoveriesOf(ledger: Ledger): readonly Recovery[] {
  const hits = hitsByProcess(ledger);
  const count: Count = counter(ledger);
  const { of } = fatesOf(ledger);
  const found: Recovery[] = [];
  for (const { job, life } of ledger.exceptions()) {
    const stranded = of[job] === fates.held || of[job] === fates.vanished;
    life.forEach((event, index) => {
      if (event.kind !== "start") return;
      for (const hit of hits.get(event.incarnation) ?? []) {
        if (elapsedNs(event, hit.at) < 0) continue;
        const outcome = afterHit(event, life.slice(index + 1), hit, ledger.run.tellsSettlements);
        if (outcome === "not in flight" || (outcome === "never" && !stranded)) continue;
        const recovered =
          outcome === "never"
            ? { recoveredAt: undefined, ms: undefined }
            : { recoveredAt: outcome.at, ms: count(outcome.from, outcome.at) };
        found.push({ job, incident: hit.incident, hitAt: hit.countedFrom, ...recovered });
      }
    });
  }
  for (const recovery of uneventful(ledger, count)) found.push(recovery);
  return found;
}

interface Hit {
  readonly incident: Incident | undefined;
  /** What was in flight at this moment was hit. */
  readonly at: Moment;
  readonly countedFrom: number;
}

/** Deaths, cuts and losses of the store, by the worker that they hit. */
function hitsByProcess({ incarnations, incidents }: Ledger): ReadonlyMap<number, readonly Hit[]> {
  const hits = new Map<number, Hit[]>();
  for (const { incarnation, role, end, exitedAt } of incarnations) {
    if (role !== "worker") continue;
    const own = incidents.filter((incident) => incident.incarnations.includes(incarnation));
    const hitsHere = own
      .filter(({ effect }) => effect !== "killed")
      .map((incident): Hit => ({
        incident,
        at: { at: incident.from, incarnation },
        countedFrom: incident.effect === "store-away" ? incident.to : incident.from,
      }));
    if (exitedAt !== undefined && (end === "killed" || end === "crashed")) {
      const incident = own.findLast(({ effect, from }) => effect === "killed" && from <= exitedAt);
      hitsHere.push({ incident, at: { at: exitedAt, incarnation }, countedFrom: exitedAt });
    }
    hits.set(incarnation, hitsHere);
  }
  return hits;
}

type AfterHit = "not in flight" | "never" | { readonly from: number; readonly at: number };

/**
 * @param later the job's life after that start
 * @returns from when it counts, before later hits shorten it, and when the job went on
 */
function afterHit(start: LifeEvent, later: readonly LifeEvent[], hit: Hit, tellsSettlements: boolean): AfterHit {
  const next = later.find(({ kind }) => kind === "start");
  const meanwhile = next === undefined ? later : later.slice(0, later.indexOf(next));
  const own = (wanted: LifeEvent["kind"]): LifeEvent | undefined =>
    meanwhile.find(({ kind, incarnation }) => kind === wanted && incarnation === start.incarnation);
  const failed = own("failed");
  const ended = own("end");
  const settled = meanwhile.find(({ kind }) => kind === "accepted");
  // Someone else's by then, failed or settled: nothing was left to recover.
  if ([next, failed, settled].some((event) => event !== undefined && elapsedNs(event, hit.at) >= 0))
    return "not in flight";
  if (!tellsSettlements && ended !== undefined && next === undefined) return "not in flight";
  // It outlived the hit, and handed the job on as a retry itself: when that was accepted is not on record.
  if (failed !== undefined && next !== undefined && next.attempt > start.attempt) return "not in flight";
  if (settled !== undefined) return { from: Math.max(hit.countedFrom, (ended ?? failed ?? start).at), at: settled.at };
  return next === undefined ? "never" : { from: hit.countedFrom, at: next.at };
}

/** Jobs that their owner settled after all, and to which nothing else happened: no life is kept of these. */
function* uneventful(ledger: Ledger, count: Count): Iterable<Recovery> {
  const { starts, firstStartAt, lastEndAt, acceptedDone, settledAt } = ledger.columns;
  const windows = ledger.incidents
    .filter((incident) => incident.effect === "store-away" || isCutWorker(ledger, incident))
    .map((incident) => ({ incident, from: incident.from / tickNs, to: incident.to / tickNs }));
  if (windows.length === 0 || !ledger.run.tellsSettlements) return;
  for (let job = 0; job < starts.length; job++) {
    const started = firstStartAt[job] ?? never;
    const settled = settledAt[job] ?? never;
    if (settled === never || started === never) continue;
    for (const { incident, from, to } of windows) {
      if (started >= from || settled <= from || acceptedDone[job] !== 1 || ledger.isExceptional(job)) continue;
      const ended = lastEndAt[job] ?? 0;
      // Whose it was is not kept. One that had ended before the link came back, and was not settled until then, was held by the cut.
      if (incident.effect === "cut-off" && (ended >= to || settled < to)) continue;
      const hitAt = incident.effect === "store-away" ? incident.to : incident.from;
      const recoveredAt = settled * tickNs;
      yield { job, incident, hitAt, recoveredAt, ms: count(Math.max(hitAt, ended * tickNs), recoveredAt) };
    }
  }
}

function isCutWorker({ incarnations }: Ledger, { effect, incarnations: hit }: Incident): boolean {
  return (
    effect === "cut-off" && incarnations.some(({ role, incarnation }) => role === "worker" && hit.includes(incarnation))
  );
}

/** Milliseconds that count from one time to another, ns since origin. */
type Count = (from: number, to: number) => number;

function counter(ledger: Ledger): Count {
  const aways = ledger.incidents.filter(({ effect }) => effect === "store-away");
  const beginnings = [
    ...ledger.incarnations.flatMap(({ role, end, exitedAt }) =>
      role === "worker" && (end === "killed" || end === "crashed") && exitedAt !== undefined ? [exitedAt] : [],
    ),
    ...ledger.incidents.filter((incident) => isCutWorker(ledger, incident)).map(({ from }) => from),
    ...aways.map(({ to }) => to),
  ];
  return (from, to) => {
    const begin = Math.max(from, ...beginnings.filter((at) => at <= to));
    const without = unionNs(aways.map((away) => [Math.max(away.from, begin), Math.min(away.to, to)]));
    return Math.max(0, to - begin - without) / 1e6;
  };
}

/** The time covered by spans that may overlap; those that end before they begin are empty. */
function unionNs(spans: readonly (readonly [number, number])[]): number {
  let covered = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const fresh = Math.max(from, end);
    if (to <= fresh) continue;
    covered += to - fresh;
    end = to;
  }
  return covered;
}
