/** Broken: what waits for its time has a life of a day in the store, begun anew whenever something is put beside it. */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

const dayMs = 86_400_000;

const settle = patched(scripts.settle, {
  "if #accepted[3] > 0 then": `if #accepted[2] > 0 then redis.call('PEXPIRE', delayed, ${dayMs}) end\nif #accepted[3] > 0 then`,
});

const system = streamSystem(
  "The reference engine, except that the delayed set expires a day after the last retry was put into it, so that nothing stays for ever. All goes well until, by the store's clock, a day passes without one.",
  (tools) => stepsOn(tools, { ...scripts, settle }),
);

export default {
  ...system,
  killedBy: "no-acked-loss",
  under: "days",
  hiddenUnder: { day: "no clock of its goes wrong by a day" },
  related: [],
} satisfies Mutant<StreamConfig>;
