/**
 * Work that a fault took out of someone's hands, and when it went on: what the recovery bound judges and the recovery
 * time measures. The one owner of what "in flight" and "recovered" mean.
 *
 *   start ────── hit ───────────────────────────── next start, or the owner's own settlement
 *                 └ counted from here, as history/watching.ts does: a hit on anybody else adds nothing
 *
 * What a hit is, and whether its beginning or its end counts, is what `recoversFrom` says of its effect. One that has
 * not gone on when nobody looks any more, and that the store still holds, is open: it counts with all that it has
 * waited.
 *
 * An owner that had ended its run before the hit may have settled it before as well, and only heard of it afterwards:
 * if nobody else went on with the job, it counts from the end of the fault. One that had failed it shortly before, or
 * failed it later, may not have been heard: it was not where the job is started again under its number, or stays in
 * somebody's hands.
 */
import { effects } from "./effects.ts";
import { fates, fatesOf } from "./fates.ts";
import { disconnecting, ranBetween } from "./hits.ts";
import { never, tickNs, type Incident, type Ledger, type LifeEvent } from "./ledger.ts";
import { elapsedNs, type Moment } from "./moments.ts";
import { hiccupNs, places } from "./record.ts";
import { repeatsIn } from "./repeats.ts";
import { watchingOf } from "./watching.ts";
import { oncePer } from "../std/once.ts";

export interface Recovery {
  readonly job: number;
  /** So many owners had lost it before this one did. */
  readonly lostBefore: number;
  /** The fault that hit its owner; undefined for a process that died, or stood still, of itself. */
  readonly incident: Incident | undefined;
  readonly died: boolean;
  /** The process that lost it; undefined where that is not kept. */
  readonly owner: number | undefined;
  /** The process that went on with it; undefined where that is not kept, or nobody did. */
  readonly by: number | undefined;
  /** ns since origin: the owner's death, the start of its cut or pause, or the return of replies or of the store. */
  readonly hitAt: number;
  /** Undefined where it never went on, though the store holds it still. */
  readonly recoveredAt: number | undefined;
  /** From when on that counts, ns since origin. */
  readonly from: number;
  /** What counts against the bound; until the end of the drain where it never went on. */
  readonly ms: number;
  /** The same, if whoever came after all that had watched its silent owner had to watch anew. */
  readonly anewMs: number;
}

export const recoveriesOf = oncePer((ledger: Ledger): readonly Recovery[] => [
  ...eventful(ledger),
  ...uneventful(ledger, countIn(ledger)),
]);

function* eventful(ledger: Ledger): Iterable<Recovery> {
  const hits = hitsByProcess(ledger);
  const count = countIn(ledger);
  const { of } = fatesOf(ledger);
  const endsAt = ledger.phases.drainTo;
  const { place } = ledger.columns;
  for (const { job, life } of ledger.exceptions()) {
    let lostBefore = 0;
    const isHeld = of[job] === fates.held;
    const isInHands = isHeld && ((place[job] ?? 0) & places.active) !== 0;
    const causeless = causelessStarts(ledger, job, life);
    for (const [index, event] of life.entries()) {
      if (event.kind !== "start") continue;
      let lost = false;
      for (const hit of hits.get(event.incarnation) ?? []) {
        if (event.at > hit.backBy) continue;
        const outcome = afterHit(event, life.slice(index + 1), hit, ledger, isInHands);
        if (outcome === "not in flight" || (outcome === "never" && !isHeld)) continue;
        // Who stood still by himself and was not taken for gone was not hit.
        if (hit.isStall && outcome !== "never" && outcome.by.kind !== "start") continue;
        // Whoever outlived it had not lost the job, if nothing excuses that another started it: another check says so.
        if (outcome !== "never" && !hit.ended && causeless.has(outcome.by)) continue;
        const recovered =
          outcome === "never"
            ? { recoveredAt: undefined, by: undefined, ...count(Math.max(hit.countedFrom, event.at), endsAt) }
            : {
                recoveredAt: outcome.by.at,
                by: outcome.by.incarnation,
                ...count(Math.max(outcome.from, event.at), outcome.by.at),
              };
        const { incident, ended: died, countedFrom: hitAt } = hit;
        yield { job, lostBefore, incident, died, owner: event.incarnation, hitAt, ...recovered };
        lost = true;
      }
      if (lost) lostBefore++;
    }
  }
}

function causelessStarts(ledger: Ledger, job: number, life: readonly LifeEvent[]): ReadonlySet<LifeEvent> {
  if ((ledger.columns.starts[job] ?? 0) < 2) return new Set();
  const { extras } = repeatsIn(ledger, life);
  return new Set(extras.flatMap(({ start, causes, left }) => (causes.length > 0 || left ? [] : [start])));
}

interface Hit {
  readonly incident: Incident | undefined;
  /**
   * What was in flight at this moment was hit; and what it began until it was surely back, with what it had received.
   */
  readonly at: Moment;
  readonly backBy: number;
  readonly countedFrom: number;
  /** From when on the owner surely reached nobody, and until when. */
  readonly silentFrom: number;
  readonly over: number;
  /** The owner never came back. */
  readonly ended: boolean;
  /** No fault did it. */
  readonly isStall: boolean;
}

/** When those that this hit have to get over it begins; undefined where they do not. */
function recoveryBegins({ effect, from, to }: Incident): number | undefined {
  const begins = effects[effect].recoversFrom;
  return begins === "never" ? undefined : begins === "start" ? from : to;
}

/** Deaths, and all faults that take work out of hands, by the worker that they hit. */
function hitsByProcess({ incarnations, incidents, armedAt, run }: Ledger): ReadonlyMap<number, readonly Hit[]> {
  const hits = new Map<number, Hit[]>();
  for (const { incarnation, role, end, exitedAt, stalls } of incarnations) {
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
          : [
              {
                incident,
                at: { at: from, incarnation },
                backBy: to + (disconnecting.has(incident.effect) ? run.bounds.reconnectMs * 1e6 : 0),
                countedFrom,
                silentFrom,
                over: to,
                ended: false,
                isStall: false,
              },
            ];
      });
    if (exitedAt !== undefined && (end === "killed" || end === "crashed")) {
      const incident = own.findLast(({ effect, from }) => effect === "killed" && from <= exitedAt);
      hitsHere.push({
        incident,
        at: { at: exitedAt, incarnation },
        backBy: exitedAt,
        countedFrom: exitedAt,
        silentFrom: exitedAt,
        over: exitedAt,
        ended: true,
        isStall: false,
      });
    }
    const outlived = own.filter((incident) => recoveryBegins(incident) !== undefined);
    for (const { from, to } of stalls) {
      // Those of a fault are counted with it.
      if ((exitedAt ?? Number.POSITIVE_INFINITY) <= to || outlived.some((one) => one.from < to && one.to > from))
        continue;
      const at = { at: from, incarnation };
      const times = { at, backBy: to, countedFrom: from, silentFrom: Math.min(to, from + hiccupNs), over: to };
      hitsHere.push({ incident: undefined, ...times, ended: false, isStall: true });
    }
    hits.set(incarnation, hitsHere);
  }
  return hits;
}

type AfterHit = "not in flight" | "never" | { readonly from: number; readonly by: LifeEvent };

/**
 * @param later the job's life after that start
 * @param isInHands where the store holds it in the end
 * @returns from when it counts, and by what the job went on
 */
function afterHit(
  start: LifeEvent,
  later: readonly LifeEvent[],
  hit: Hit,
  ledger: Ledger,
  isInHands: boolean,
): AfterHit {
  const { tellsSettlements, bounds } = ledger.run;
  const next = later.find(({ kind }) => kind === "start");
  const meanwhile = next === undefined ? later : later.slice(0, later.indexOf(next));
  const own = (wanted: LifeEvent["kind"]): LifeEvent | undefined =>
    meanwhile.find(({ kind, incarnation }) => kind === wanted && incarnation === start.incarnation);
  const failed = own("failed");
  const ended = own("end");
  const settled = meanwhile.find(({ kind }) => kind === "accepted");
  // Someone else's by then, or settled: nothing was left to recover.
  if ([next, settled].some((event) => event !== undefined && elapsedNs(event, hit.at) >= 0)) return "not in flight";
  // What it had to say of its run may not have been heard before it was hit.
  const isUnheard = (over: LifeEvent): boolean =>
    (next === undefined ? isInHands : next.attempt <= start.attempt) &&
    ranBetween(ledger, start.incarnation, over.at, hit.at.at) <= bounds.settleMs * 1e6;
  if (!tellsSettlements && ended !== undefined && !isUnheard(ended)) return "not in flight";
  // It handed the job on as a retry itself: when that was accepted is not on record.
  if (failed !== undefined && !isUnheard(failed)) return "not in flight";
  if (settled !== undefined) {
    const over = ended ?? failed;
    const from = over !== undefined && over.at < hit.silentFrom ? Math.max(hit.countedFrom, hit.over) : hit.countedFrom;
    return { from: Math.max(from, (over ?? start).at), by: settled };
  }
  return next === undefined ? "never" : { from: hit.countedFrom, by: next };
}

/** Jobs that their owner settled after all, and to which nothing else happened: no life is kept of these. */
function* uneventful(ledger: Ledger, count: Count): Iterable<Recovery> {
  const { starts, firstStartAt, startedBy, lastEndAt, acceptedDone, settledAt } = ledger.columns;
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
      const by = startedBy[job] ?? 0;
      if (incident.effect !== "store-away" && by !== 0 && !incident.incarnations.includes(by)) continue;
      // One that had ended before the fault was over, and was not settled until then, was held by it.
      if (incident.effect !== "store-away" && (ended >= to || settled < to)) continue;
      const hitAt = ended < silentFrom ? incident.to : (recoveryBegins(incident) ?? incident.to);
      const recoveredAt = settled * tickNs;
      yield {
        job,
        lostBefore: 0,
        incident,
        died: false,
        owner: undefined,
        by: undefined,
        hitAt,
        recoveredAt,
        ...count(Math.max(hitAt, ended * tickNs), recoveredAt),
      };
    }
  }
}

/** It took work out of the hands of a worker that may come back to it. */
const outlivedByWorker = (ledger: Ledger, incident: Incident): boolean =>
  incident.effect !== "killed" && recoveryBegins(incident) !== undefined && hitsWorker(ledger, incident);

const hitsWorker = ({ incarnations }: Ledger, { incarnations: hit }: Incident): boolean =>
  incarnations.some(({ role, incarnation }) => role === "worker" && hit.includes(incarnation));

/** What counts from one time to another, ns since origin. */
type Count = (from: number, to: number) => Pick<Recovery, "from" | "ms" | "anewMs">;

const countIn = (ledger: Ledger): Count => {
  const watching = watchingOf(ledger);
  return (from, to) => ({
    from,
    ms: watching.counted(from, to) / 1e6,
    anewMs: watching.countedAnew(from, to) / 1e6,
  });
};
