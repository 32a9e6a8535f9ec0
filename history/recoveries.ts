/**
 * Work that a fault took out of someone's hands, and when it went on: what the recovery bound judges and the recovery
 * time measures. The one owner of what "in flight" and "recovered" mean.
 *
 *   start ────── hit ───────────────────────────── next start, or the owner's own settlement
 *                 └ counted from here, or from the latest hit on any worker since: it may have been the new owner
 *
 * A new owner that was hit before it started the job left no record of having it, so each later hit on any worker begins
 * the count again; so does the store's return. Time without a store, or without any worker, is not counted at all. What a
 * hit is, and whether its beginning or its end counts, is what `recoversFrom` says of its effect.
 *
 * An owner that had ended its run before the hit may have settled it before as well, and only heard of it afterwards: if
 * nobody else went on with the job, it counts from the end of the fault.
 */
import { effects } from "./effects.ts";
import { fates, fatesOf } from "./fates.ts";
import { never, tickNs, type Incident, type Ledger, type LifeEvent } from "./ledger.ts";
import { elapsedNs, type Moment } from "./moments.ts";

export interface Recovery {
  readonly job: number;
  /** So many owners had lost it before this one did. */
  readonly lostBefore: number;
  /** The fault that hit its owner; undefined for a process that died of itself. */
  readonly incident: Incident | undefined;
  /** ns since origin: the owner's death, the start of its cut or pause, or the return of replies or of the store. */
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
    let lostBefore = 0;
    const stranded = of[job] === fates.held || of[job] === fates.vanished;
    life.forEach((event, index) => {
      if (event.kind !== "start") return;
      let lost = false;
      for (const hit of hits.get(event.incarnation) ?? []) {
        if (elapsedNs(event, hit.at) < 0) continue;
        const outcome = afterHit(event, life.slice(index + 1), hit, ledger.run.tellsSettlements);
        if (outcome === "not in flight" || (outcome === "never" && !stranded)) continue;
        const recovered =
          outcome === "never"
            ? { recoveredAt: undefined, ms: undefined }
            : { recoveredAt: outcome.at, ms: count(outcome.from, outcome.at) };
        found.push({ job, lostBefore, incident: hit.incident, hitAt: hit.countedFrom, ...recovered });
        lost = true;
      }
      if (lost) lostBefore++;
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
  /** From when on the owner surely reached nobody, and until when. */
  readonly silentFrom: number;
  readonly over: number;
}

/** When those that this hit have to get over it begins; undefined where they do not. */
function recoveryBegins({ effect, from, to }: Incident): number | undefined {
  const begins = effects[effect].recoversFrom;
  return begins === "never" ? undefined : begins === "start" ? from : to;
}

/** Deaths, and all faults that take work out of hands, by the worker that they hit. */
function hitsByProcess({ incarnations, incidents, armedAt }: Ledger): ReadonlyMap<number, readonly Hit[]> {
  const hits = new Map<number, Hit[]>();
  for (const { incarnation, role, end, exitedAt } of incarnations) {
    if (role !== "worker") continue;
    const own = incidents.filter((incident) => incident.incarnations.includes(incarnation));
    const hitsHere = own
      .filter(({ effect }) => effect !== "killed")
      .flatMap((incident): readonly Hit[] => {
        const { id, from, to } = incident;
        const countedFrom = recoveryBegins(incident);
        const silentFrom = armedAt.get(id) ?? to;
        return countedFrom === undefined
          ? []
          : [{ incident, at: { at: from, incarnation }, countedFrom, silentFrom, over: to }];
      });
    if (exitedAt !== undefined && (end === "killed" || end === "crashed")) {
      const incident = own.findLast(({ effect, from }) => effect === "killed" && from <= exitedAt);
      hitsHere.push({
        incident,
        at: { at: exitedAt, incarnation },
        countedFrom: exitedAt,
        silentFrom: exitedAt,
        over: exitedAt,
      });
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
  if (settled !== undefined) {
    const over = ended ?? failed;
    const from = over !== undefined && over.at < hit.silentFrom ? Math.max(hit.countedFrom, hit.over) : hit.countedFrom;
    return { from: Math.max(from, (over ?? start).at), at: settled.at };
  }
  return next === undefined ? "never" : { from: hit.countedFrom, at: next.at };
}

/** Jobs that their owner settled after all, and to which nothing else happened: no life is kept of these. */
function* uneventful(ledger: Ledger, count: Count): Iterable<Recovery> {
  const { starts, firstStartAt, lastEndAt, acceptedDone, settledAt } = ledger.columns;
  const windows = ledger.incidents
    .filter((incident) => incident.effect === "store-away" || outlivedByWorker(ledger, incident))
    .map((incident) => ({
      incident,
      from: incident.from / tickNs,
      silentFrom: (ledger.armedAt.get(incident.id) ?? incident.to) / tickNs,
      to: incident.to / tickNs,
    }));
  if (windows.length === 0 || !ledger.run.tellsSettlements) return;
  for (let job = 0; job < starts.length; job++) {
    const started = firstStartAt[job] ?? never;
    const settled = settledAt[job] ?? never;
    if (settled === never || started === never) continue;
    for (const { incident, from, silentFrom, to } of windows) {
      if (started >= from || settled <= from || acceptedDone[job] !== 1 || ledger.isExceptional(job)) continue;
      const ended = lastEndAt[job] ?? 0;
      // Whose it was is not kept. One that had ended before the fault was over, and was not settled until then, was held by it.
      if (incident.effect !== "store-away" && (ended >= to || settled < to)) continue;
      const hitAt = ended < silentFrom ? incident.to : (recoveryBegins(incident) ?? incident.to);
      const recoveredAt = settled * tickNs;
      yield {
        job,
        lostBefore: 0,
        incident,
        hitAt,
        recoveredAt,
        ms: count(Math.max(hitAt, ended * tickNs), recoveredAt),
      };
    }
  }
}

/** It took work out of the hands of a worker that may come back to it. */
const outlivedByWorker = (ledger: Ledger, incident: Incident): boolean =>
  incident.effect !== "killed" && recoveryBegins(incident) !== undefined && hitsWorker(ledger, incident);

const hitsWorker = ({ incarnations }: Ledger, { incarnations: hit }: Incident): boolean =>
  incarnations.some(({ role, incarnation }) => role === "worker" && hit.includes(incarnation));

/** Milliseconds that count from one time to another, ns since origin. */
type Count = (from: number, to: number) => number;

function counter(ledger: Ledger): Count {
  const aways = ledger.incidents.filter(({ effect }) => effect === "store-away");
  const beginnings = [
    ...ledger.incarnations.flatMap(({ role, end, exitedAt }) =>
      role === "worker" && (end === "killed" || end === "crashed") && exitedAt !== undefined ? [exitedAt] : [],
    ),
    ...ledger.incidents
      .filter((incident) => outlivedByWorker(ledger, incident))
      .flatMap((incident) => recoveryBegins(incident) ?? []),
    ...aways.map(({ to }) => to),
  ];
  const idle = [...aways, ...withoutWorkers(ledger)];
  return (from, to) => {
    const begin = Math.max(from, ...beginnings.filter((at) => at <= to));
    const without = unionNs(idle.map((span) => [Math.max(span.from, begin), Math.min(span.to, to)]));
    return Math.max(0, to - begin - without) / 1e6;
  };
}

/** When not one worker was there and ready: from the end of the last to the readiness of the next. */
function withoutWorkers({ incarnations, readyAt }: Ledger): readonly { readonly from: number; readonly to: number }[] {
  const lives = incarnations
    .flatMap(({ role, incarnation, exitedAt = Number.POSITIVE_INFINITY }) => {
      const from = role === "worker" ? readyAt.get(incarnation) : undefined;
      return from === undefined ? [] : [{ from, to: exitedAt }];
    })
    .sort((a, b) => a.from - b.from);
  const gaps: { readonly from: number; readonly to: number }[] = [];
  let until = lives[0]?.from ?? 0;
  for (const { from, to } of lives) {
    if (from > until) gaps.push({ from: until, to: from });
    until = Math.max(until, to);
  }
  return gaps;
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
