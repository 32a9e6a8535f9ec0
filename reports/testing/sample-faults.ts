/**
 * The faults of a sample run: every kind of the catalogue, as a day has them, and what came of the jobs that they
 * caught.
 */
import type { Effect } from "../../history/effects.ts";
import type { Resource } from "../../history/resource.ts";
import type { Incident } from "../../history/ledger.ts";
import type { PerIncident } from "../../measures/contract.ts";
import type { Overall } from "../contract.ts";
import type { Random } from "../../std/random.ts";
import { boundMs } from "./sample-guarantees.ts";

interface FaultKind {
  readonly fault: string;
  readonly effect: Effect;
  readonly takes: "" | "link:" | "clock:";
  readonly times: number;
  readonly lastsMs: readonly [number, number];
}

const kind = (
  fault: string,
  effect: Effect,
  takes: FaultKind["takes"],
  times: number,
  ...lastsMs: FaultKind["lastsMs"]
): FaultKind => ({ fault, effect, takes, times, lastsMs });

const kindsOfFault: readonly FaultKind[] = [
  kind("worker-kill", "killed", "", 6, 900, 1_800),
  kind("worker-pause", "paused", "", 3, 4_500, 6_500),
  kind("worker-restart", "asked-to-stop", "", 3, 500, 1_500),
  kind("cut", "cut-off", "link:", 3, 2_000, 9_000),
  kind("black-hole", "cut-off", "link:", 2, 6_000, 9_000),
  kind("reset", "cut-off", "link:", 2, 300, 900),
  kind("replies-lost", "reply-lost", "link:", 3, 3_000, 6_000),
  kind("requests-lost", "cut-off", "link:", 2, 3_000, 6_000),
  kind("torn", "cut-off", "link:", 2, 300, 900),
  kind("latency", "slow", "link:", 2, 5_000, 9_000),
  kind("slow-link", "slow", "link:", 2, 5_000, 9_000),
  kind("clock", "clock-bent", "clock:", 3, 15_000, 25_000),
  kind("broker-stop", "store-away", "", 2, 1_000, 3_000),
];

const second = 1e9;

/** @param repeats how often the day's faults come */
export function incidentsOf(
  seconds: number,
  { leadIn, workers, repeats }: { readonly leadIn: number; readonly workers: number; readonly repeats: number },
  random: Random,
): readonly Incident[] {
  return kindsOfFault
    .flatMap(({ fault, effect, takes, times, lastsMs }) =>
      Array.from({ length: times * repeats }, (_, i): Incident => {
        const from = (leadIn + seconds * (0.14 + 0.72 * ((i + random.unit() * 0.8) / (times * repeats)))) * second;
        const to = from + random.between(lastsMs[0], lastsMs[1]) * 1e6;
        const slot = effect === "killed" ? i % workers : random.below(workers);
        const resource: Resource = effect === "store-away" ? "store" : `${takes}worker:${slot}`;
        return {
          id: `${fault}-${i + 1}`,
          fault,
          effect,
          touches: [resource],
          incarnations: effect === "store-away" ? [1, 2, 3, 4, 5] : [slot + 2],
          from,
          to,
          bit: {
            proven: true,
            facts: { signal: "SIGKILL", connectionsBeforeAndAfterwards: [12, 0], answered: false, gone: true },
          },
          healed: { proven: true, facts: { roundTripThroughTheLinkMs: 1.25, answers: true } },
        };
      }),
    )
    .toSorted((a, b) => a.from - b.from);
}

export function recoveryOf(incidents: readonly Incident[], outcome: Overall, random: Random): PerIncident {
  return {
    kind: "per-incident",
    unit: "ms",
    rows: incidents.map(({ id, fault, effect, from, to }, i) => {
      const base = effect === "store-away" ? (to - from) / 1e6 : 4100;
      const first = base + random.between(20, 700);
      const exposed = i === 4 || effect === "slow" || effect === "clock-bent" ? 0 : random.between(8, 96);
      if (exposed === 0)
        return { incident: id, fault, exposed, open: 0, atLeast: [], first: null, last: null, p50: null };
      const caught = { incident: id, fault, exposed, first, p50: first + 240 };
      // Some of one fault's never go on.
      return outcome === "unknown" && i === 7
        ? { ...caught, open: 3, atLeast: ["last"], last: boundMs + 2400 }
        : { ...caught, open: 0, atLeast: [], last: first + random.between(400, 3800) };
    }),
  };
}
