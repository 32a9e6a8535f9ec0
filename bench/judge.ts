/** The measured process of the checker benchmark: judges one stored history, prints what it took as one JSON line. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { checks } from "../checks/index.ts";
import type { Check } from "../checks/contract.ts";
import { boundsSchema } from "../history/bounds.ts";
import { readJournal } from "../history/journal-file.ts";
import { buildLedger } from "../history/ledger-builder.ts";
import { historySources } from "../history/reader.ts";
import { monotonic } from "../std/clock.ts";
import { factsFile, journalFile } from "./synthetic-history.ts";

const facts = z.object({
  seed: z.string(),
  scenario: z.string(),
  system: z.string(),
  jobs: z.number(),
  payloadBytes: z.number(),
  attempts: z.number(),
  backoffMs: z.number(),
  tellsSettlements: z.boolean(),
  bounds: boundsSchema,
  claims: z.record(z.string(), z.json()),
  concurrency: z.number(),
  producers: z.number(),
  scheduled: z.record(z.string(), z.number()),
  leftOut: z.array(z.string()),
  exercises: z.array(z.string()),
  priorities: z.array(z.object({ name: z.string(), weight: z.number() })),
  load: z.object({ lateShare: z.number(), lateAfterMs: z.number() }),
});

const [directory = "."] = process.argv.slice(2);
const seconds: Record<string, number> = {};

function timed<T>(what: string, work: () => T): T {
  const from = monotonic.nowNs();
  const result = work();
  seconds[what] = (monotonic.nowNs() - from) / 1e9;
  return result;
}

const run = facts.parse(JSON.parse(readFileSync(factsFile(directory), "utf8")));
const ledger = timed("ledger", () => buildLedger(run, readJournal(journalFile(directory)), historySources(directory)));
const ledgerRssMiB = process.resourceUsage().maxRSS / 1024;
const verdicts: Record<string, string> = {};
const judge = <Terms>(name: string, check: Check<Terms>): void => {
  verdicts[name] = timed(name, () => check.check(ledger, check.neutral)).verdict;
};
for (const [name, check] of Object.entries<Check>(checks)) judge(name, check);
console.log(
  JSON.stringify({
    seconds,
    ledgerRssMiB,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    records: ledger.integrity.records,
    verdicts,
  }),
);
