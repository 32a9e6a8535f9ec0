/** The catalogue of faults. A new one is a file and a line here; names, options and help derive from it. */
import { blackHole } from "./faults/black-hole.ts";
import { brokerStop } from "./faults/broker-stop.ts";
import { clock } from "./faults/clock.ts";
import { cut } from "./faults/cut.ts";
import { fleetAway } from "./faults/fleet-away.ts";
import { fleetLeaves } from "./faults/fleet-leaves.ts";
import { latency } from "./faults/latency.ts";
import { producerKill } from "./faults/producer-kill.ts";
import { repliesLost } from "./faults/replies-lost.ts";
import { requestsLost } from "./faults/requests-lost.ts";
import { reset } from "./faults/reset.ts";
import { slowLink } from "./faults/slow-link.ts";
import { torn } from "./faults/torn.ts";
import { workerKill } from "./faults/worker-kill.ts";
import { workerPause } from "./faults/worker-pause.ts";
import { workerRestart } from "./faults/worker-restart.ts";

export const faults = {
  "worker-kill": workerKill,
  "worker-pause": workerPause,
  "worker-restart": workerRestart,
  "fleet-away": fleetAway,
  "fleet-leaves": fleetLeaves,
  "producer-kill": producerKill,
  cut,
  reset,
  "black-hole": blackHole,
  "replies-lost": repliesLost,
  "requests-lost": requestsLost,
  torn,
  latency,
  "slow-link": slowLink,
  clock,
  "broker-stop": brokerStop,
} as const;
