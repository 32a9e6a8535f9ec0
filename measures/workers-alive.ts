import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";

export const workersAlive = {
  about:
    "Worker processes: the fewest that were there at any moment of each second. The shadow of each kill, and how long a replacement took.",
  measure({ incarnations, rates }) {
    const workers = incarnations.filter(({ role }) => role === "worker");
    // When all is over, the last of each slot ends on purpose, which is no gap.
    const last = new Map(workers.map(({ slot, incarnation }) => [slot, incarnation]));
    const sentHome = new Set(
      workers.flatMap(({ slot, incarnation, end }) =>
        end === "closed" && last.get(slot) === incarnation ? [incarnation] : [],
      ),
    );
    const changes = workers
      .flatMap(({ incarnation, spawnedAt, exitedAt }) => [
        { at: spawnedAt, by: 1 },
        ...(exitedAt === undefined || sentHome.has(incarnation) ? [] : [{ at: exitedAt, by: -1 }]),
      ])
      .sort((a, b) => a.at - b.at);
    let next = 0;
    let alive = 0;
    const line = secondsFrom(rates.intended.length).map((second) => {
      // What came up to the second's beginning is how it begins.
      for (; (changes[next]?.at ?? Number.POSITIVE_INFINITY) <= second * 1e9; next++) alive += changes[next]?.by ?? 0;
      let fewest = alive;
      for (; (changes[next]?.at ?? Number.POSITIVE_INFINITY) < (second + 1) * 1e9; next++) {
        alive += changes[next]?.by ?? 0;
        fewest = Math.min(fewest, alive);
      }
      return fewest;
    });
    return { kind: "series", unit: "processes", at: secondsFrom(line.length), lines: { workers: line } };
  },
} satisfies Measure;
