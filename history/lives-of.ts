/** The whole lives of a few jobs, whatever happened to them: for those that a report shows. Reads every file once. */
import { attemptOf, codeOf, kindNames, slotF64, slotU32 } from "./encode.ts";
import type { LifeEvent } from "./ledger.ts";
import { readHistory, type HistorySource } from "./reader.ts";
import { kinds } from "./record.ts";

/** Each in order of time. @param origin ns, as recorded */
export function livesOf(
  jobs: ReadonlySet<number>,
  origin: number,
  sources: readonly HistorySource[],
): ReadonlyMap<number, readonly LifeEvent[]> {
  const lives = new Map([...jobs].map((job): [number, LifeEvent[]] => [job, []]));
  for (const source of sources)
    readHistory(source, ({ u32, f64 }, from, to, { incarnation }) => {
      for (let slot = from; slot < to; slot++) {
        const word = slot * slotU32.perSlot;
        const life = lives.get(u32[word + slotU32.job] ?? -1);
        if (life === undefined) continue;
        const head = u32[word + slotU32.head] ?? 0;
        if (aboutNoJob.includes(head & 0xff)) continue;
        life.push({
          at: (f64[slot * slotF64.perSlot + slotF64.at] ?? 0) - origin,
          kind: kindNames[head & 0xff] ?? "corrupt",
          incarnation,
          attempt: attemptOf(head),
          code: codeOf(head),
          micros: u32[word + slotU32.micros] ?? 0,
        });
      }
    });
  for (const life of lives.values()) life.sort((a, b) => a.at - b.at);
  return lives;
}

/** Their job field is empty, which is not job 0. */
const aboutNoJob: readonly number[] = [kinds.tick, kinds.close, kinds.storeTime, kinds.depth];
