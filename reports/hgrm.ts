/** End-to-end latency in HdrHistogram's own text format, for its plotter and its other tools. */
import type { Reporter } from "./contract.ts";
import { endToEnd } from "./reading.ts";

export const hgrm: Reporter = {
  file: "latency.hgrm",
  about: "end-to-end latency as a percentile distribution that HdrHistogram's tools read",
  render: (result) => endToEnd(result)?.measured.hgrm ?? "# no end-to-end latency was measured\n",
};
