/**
 * A delay is counted by the store's clock, from the sending on: whichever process's clock is wrong, it does not shorten
 * it.
 */
import { z } from "zod";
import { delayUnitMs, never, tickNs } from "../history/ledger.ts";
import { mayHavePassed } from "../history/store-clock.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";
import { clockUnknown } from "./retry-not-early.ts";

const options = z.strictObject({});

export const delayedNotEarly: Check<z.infer<typeof options>> = {
  about:
    "A job with a delay is not started before that time has passed by the store's clock. Whoever asked for a delay is waiting for something that is not there yet. Exposed are jobs with a delay.",
  needs: [],
  options,
  neutral: {},
  check(ledger) {
    const found = findings(ledger);
    const { delay, sentAt, firstStartAt } = ledger.columns;
    // A sending that is not on file may have been sooner, and an answer of the store's clock may have been another.
    const doubt = filesMissing(ledger, ["producer", "harness"]);
    let judged = 0;
    let unjudged = 0;
    for (let job = 0; job < delay.length; job++) {
      const delayMs = (delay[job] ?? 0) * delayUnitMs;
      const [sent, started] = [sentAt[job] ?? never, firstStartAt[job] ?? never];
      if (delayMs === 0 || sent === never || started === never) continue;
      // Columns round down.
      const passed = mayHavePassed(ledger.storeClock, sent * tickNs, (started + 1) * tickNs, delayMs);
      if (passed === undefined) {
        unjudged++;
        continue;
      }
      judged++;
      if (passed) continue;
      const waited = ((started - sent) * tickNs) / 1e6;
      found.violation({
        kind: "early",
        job,
        doubt,
        at: started * tickNs,
        what: () =>
          `Job ${job} was started ${waited.toFixed(0)} ms after it was sent; its delay was ${delayMs} ms, and had not passed by the store's clock.`,
        weight: delayMs - waited,
      });
    }
    return found.verdict({
      exposed: judged,
      counts: { judged, unjudged },
      missing:
        unjudged > 0 && judged === 0 ? clockUnknown(unjudged, "delays") : (filesMissing(ledger, ["worker"]) ?? doubt),
    });
  },
};
