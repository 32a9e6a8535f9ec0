/** The one owner of "faults in force": from when to when, and which processes they hit. */
import type { JournalLine } from "./journal.ts";
import { slotIn, type Resource } from "./resource.ts";
import type { Incarnation, Incident } from "./ledger.ts";

type Arming = Extract<JournalLine, { readonly type: "arming" }>;
type Proof = Extract<JournalLine, { readonly type: "bit" | "healed" }>;

/**
 * In force from the moment at which the harness set out to arm it, until it was proven over; a fault whose end nobody
 * proved is in force to the end of the run.
 * @param origin ns as recorded, as is `endsAt`
 */
export function incidentsOf(
  journal: readonly JournalLine[],
  incarnations: readonly Incarnation[],
  origin: number,
  endsAt: number,
): readonly Incident[] {
  return journal
    .filter((line): line is Arming => line.type === "arming")
    .map((arming) => {
      const bit = proofOf(journal, "bit", arming.id);
      const healed = proofOf(journal, "healed", arming.id);
      const from = arming.at - origin;
      const to = (healed?.evidence.proven ? healed.at : endsAt) - origin;
      const touched = incarnations.filter((incarnation) =>
        arming.touches.some((resource) => touches(resource, incarnation)),
      );
      return {
        id: arming.id,
        fault: arming.fault,
        effect: arming.effect,
        touches: arming.touches,
        incarnations: (endsProcesses(arming.effect)
          ? victims(touched, from, to)
          : touched.filter((one) => overlaps(one, from, to))
        ).map((one) => one.incarnation),
        from,
        to,
        bit: bit?.evidence,
        healed: healed?.evidence,
      };
    })
    .sort((a, b) => a.from - b.from);
}

/** The first proof, else the last word on why there is none. */
function proofOf(journal: readonly JournalLine[], type: Proof["type"], id: string): Proof | undefined {
  const lines = journal.filter((line): line is Proof => line.type === type && line.id === id);
  return lines.find((line) => line.evidence.proven) ?? lines.at(-1);
}

/** Whoever takes the place of a process that is gone, or was told to go, is none of theirs. */
const endsProcesses = (effect: Incident["effect"]): boolean => effect === "killed" || effect === "asked-to-stop";

/** All work by the store, and by its clock. */
function touches(resource: Resource, { role, slot }: Incarnation): boolean {
  const whose = slotIn(resource);
  return whose === undefined ? role !== "harness" : whose.role === role && whose.slot === slot;
}

const overlaps = (one: Incarnation, from: number, to: number): boolean =>
  one.spawnedAt <= to && (one.exitedAt ?? Number.POSITIVE_INFINITY) >= from;

/** A kill, or a request to stop, hits one life of each slot: the one that was there, else the next. */
function victims(touched: readonly Incarnation[], from: number, to: number): readonly Incarnation[] {
  const bySlot = Object.values(Object.groupBy(touched, ({ role, slot }) => `${role}:${slot}`));
  return bySlot.flatMap((lives = []) => {
    const there = lives.find((one) => overlaps(one, from, from)) ?? lives.find((one) => overlaps(one, from, to));
    return there === undefined ? [] : [there];
  });
}

/** The faults that hit this process between two moments (ns since origin, both ends included). */
export const inForce = (
  incidents: readonly Incident[],
  incarnation: number,
  from: number,
  to: number,
): readonly Incident[] =>
  incidents.filter(
    (incident) => incident.from <= to && incident.to >= from && incident.incarnations.includes(incarnation),
  );
