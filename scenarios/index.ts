/**
 * The catalogue of scenarios. A new one is a file and a line here; names, options and guarantees are checked by the
 * types.
 */
import type { checks } from "../checks/index.ts";
import type { faults } from "../chaos/index.ts";
import { api } from "./api.ts";
import { backlog } from "./backlog.ts";
import { burst } from "./burst.ts";
import { clockSkew } from "./clock-skew.ts";
import { comeback } from "./comeback.ts";
import type { Scenario } from "./contract.ts";
import { crashes } from "./crashes.ts";
import { day } from "./day.ts";
import { days } from "./days.ts";
import { emptyRestart } from "./empty-restart.ts";
import { herd } from "./herd.ts";
import { keys } from "./keys.ts";
import { lateWorkers } from "./late-workers.ts";
import { longJobs } from "./long-jobs.ts";
import { outage } from "./outage.ts";
import { partition } from "./partition.ts";
import { poison } from "./poison.ts";
import { priorities } from "./priorities.ts";
import { replyLoss } from "./reply-loss.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { smoke } from "./smoke.ts";
import { steady } from "./steady.ts";
import { undisturbed } from "./undisturbed.ts";
import { texts } from "./texts.ts";
import { zombie } from "./zombie.ts";

export const scenarios = {
  day,
  smoke,
  undisturbed,
  steady,
  burst,
  crashes,
  outage,
  partition,
  comeback,
  "reply-loss": replyLoss,
  zombie,
  "clock-skew": clockSkew,
  "rolling-restart": rollingRestart,
  poison,
  "long-jobs": longJobs,
  api,
  priorities,
  keys,
  texts,
  "late-workers": lateWorkers,
  backlog,
  "empty-restart": emptyRestart,
  herd,
  days,
} as const satisfies Record<string, Scenario<typeof faults, typeof checks>>;
