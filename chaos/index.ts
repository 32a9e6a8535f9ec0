/** The catalogue of faults. A new one is a file and a line here; names, options and help derive from it. */
import { brokerStop } from "./faults/broker-stop.ts";
import { workerBlackHole } from "./faults/worker-black-hole.ts";
import { workerCut } from "./faults/worker-cut.ts";
import { workerKill } from "./faults/worker-kill.ts";

export const faults = {
  "worker-kill": workerKill,
  "worker-cut": workerCut,
  "worker-black-hole": workerBlackHole,
  "broker-stop": brokerStop,
} as const;
