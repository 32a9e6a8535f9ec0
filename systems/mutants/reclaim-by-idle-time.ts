/** Broken: who looks dead is decided by idle times, so by the broker's clock. When that jumps, everybody looks dead. */
import { scripts, stepsOn, type Steps, type Tools } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

/** From who has left, all is taken; from all others what has been in their hands for a lease. */
const claimOf = (leaseMs: number) =>
  patched(scripts.claim, {
    "if redis.call('HEXISTS', KEYS[2], victim) == 1 then return { 'alive' } end": `local idle = redis.call('HEXISTS', KEYS[2], victim) == 1 and ${leaseMs} or 0`,
    "redis.call('XPENDING', KEYS[1], group, '-', '+', limit, victim)":
      "redis.call('XPENDING', KEYS[1], group, 'IDLE', idle, '-', '+', limit, victim)",
    "if #redis.call('XPENDING', KEYS[1], group, '-', '+', 1, victim) == 0 then":
      "if idle > 0 then reply[1] = #pending > 0 and 'more' or 'alive'\nelseif #redis.call('XPENDING', KEYS[1], group, '-', '+', 1, victim) == 0 then",
  });

const stepsWith =
  (leaseMs: number) =>
  (tools: Tools): Steps => {
    const steps = stepsOn(tools, { ...scripts, claim: claimOf(leaseMs) });
    return {
      ...steps,
      async survey() {
        const survey = await steps.survey();
        // Whoever beats no heart is a stranger, from whom may be taken: here nobody's heart is looked at.
        return survey && { ...survey, counters: new Map() };
      },
    };
  };

const about =
  "The reference engine, except that a job is taken over when it has been in one pair of hands for a lease, by the broker's clock, whether its worker lives or not. A clock that jumps takes everything from everybody.";
const system = streamSystem(about, stepsWith(0));

export default {
  ...system,
  connect: (context, config) => streamSystem(about, stepsWith(config.leaseMs)).connect(context, config),
  killedBy: "no-premature-reclaim",
  under: "clock-skew",
  alsoUnder: ["day"],
  // Two that run the same job may both fail it, each under the same number.
  related: ["duplicates-explained", "attempts-exact"],
} satisfies Mutant<StreamConfig>;
