import { never, ticksPerSecond } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";

export const loadOverTime = {
  about:
    "Jobs a second as the plan had them and as they were really sent: the two are one line where the load generator kept up.",
  measure({ columns: { sentAt }, rates }) {
    const sent = new Uint32Array(rates.intended.length);
    for (let job = 0; job < sentAt.length; job++) {
      const at = sentAt[job] ?? never;
      if (at !== never) sent[Math.floor(at / ticksPerSecond)]!++;
    }
    return {
      kind: "series",
      unit: "jobs/s",
      at: secondsFrom(sent.length),
      lines: { planned: [...rates.intended], sent: [...sent] },
    };
  },
} satisfies Measure;
