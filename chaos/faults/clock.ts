/**
 * A wall clock goes wrong, as after a machine was suspended or its time service set it: by a jump, or little by little.
 */
import { z } from "zod";
import { clockOf, slotOf, type Resource } from "../../history/resource.ts";
import { calendarNow, monotonic, pause } from "../../std/clock.ts";
import { eventually } from "../../std/deadline.ts";
import type { Random } from "../../std/random.ts";
import type { ClockLever, Fault, Planned, Target } from "../contract.ts";
import { drawLasting, lastsMs } from "../lasting.ts";
import { prove } from "../proof.ts";

const hourMs = 3_600_000;
/** Evidence is good to a second. */
const slackMs = 1000;
const leastMs = 3 * slackMs;

const options = z.strictObject({
  lastsMs,
  of: z
    .enum(["worker", "producer", "store"])
    .default("worker")
    .describe("whose clock: of one worker, of one producer, or of the store"),
  offsetsMs: z
    .array(z.int().refine((ms) => Math.abs(ms) >= leastMs, `at least ${leastMs} ms to either side`))
    .min(1)
    .readonly()
    .default([-hourMs, -5000, 5000, hourMs])
    .describe("by how much it is wrong in the end: one of them is drawn, ms; below 0 it is behind"),
  how: z
    .enum(["jump", "drift", "either"])
    .default("either")
    .describe("a jump is there at once; a drift grows in small steps while it is in force"),
});

export interface ClockPlan extends Planned {
  readonly touches: readonly [Resource];
  readonly offsetMs: number;
  readonly how: "jump" | "drift";
}

/** Whoever tells it may be paused, or started again, by another fault. */
const toldMs = 60_000;
const stepMs = 50;

export const clock: Fault<z.infer<typeof options>, ClockPlan, "clock"> = {
  about:
    "Sets the wall clock of one process wrong for a while, by a jump or a drift, and then right again. Leases, delays and schedules that two clocks have to agree on come too early or never; time that was measured on one monotonic clock does not change.",
  effect: "clock-bent",
  needs: ["clock"],
  options,
  plan: ({ lastsMs, of, offsetsMs, how }, target, random) => ({
    lastsMs: drawLasting(lastsMs, random),
    offsetMs: offsetsMs[random.fork("offset").below(offsetsMs.length)] ?? hourMs,
    how: how === "either" ? random.fork("how").pick(["jump", "drift"] as const) : how,
    touches: [drawClock(of, target, random)],
    relies: [],
  }),
  async arm({ touches: [whose], offsetMs, how, lastsMs }, { clock: lever }, stop) {
    const wasMs = await eventually(() => offBy(lever, whose, 0, stop).catch(() => undefined), {
      deadlineMs: toldMs,
      awaited: `${whose} to be right before the fault`,
      stop,
    });
    const startNs = monotonic.nowNs();
    if (how === "jump") lever.bend(whose, offsetMs);
    return async (stopped) => {
      if (how === "drift") await drift(lever, whose, offsetMs, startNs, lastsMs, stopped);
      const bent = async () => ({ how, wasMs, isMs: await offBy(lever, whose, offsetMs, stopped) });
      return await prove(bent, Math.max(lastsMs, toldMs), stopped);
    };
  },
  heal: ({ touches: [whose] }, { clock: lever }, stop) =>
    prove(
      async () => {
        lever.bend(whose, 0);
        return { isMs: await offBy(lever, whose, 0, stop) };
      },
      toldMs,
      stop,
    ),
};

function drawClock(of: "worker" | "producer" | "store", target: Target, random: Random): Resource {
  return clockOf(of === "store" ? of : slotOf(of, random.fork(of).below(target[`${of}s`])));
}

/** Steps are evenly small, so that nobody sees more than a fast or a slow clock. */
async function drift(
  lever: ClockLever,
  whose: Resource,
  offsetMs: number,
  startNs: number,
  lastsMs: number,
  stop: AbortSignal,
): Promise<void> {
  for (let passed = 0; passed < 1 && !stop.aborted; await pause(monotonic, stepMs, stop)) {
    passed = Math.min(1, (monotonic.nowNs() - startNs) / (lastsMs * 1e6));
    lever.bend(whose, offsetMs * passed);
  }
}

/**
 * Milliseconds by which its wall clock is ahead of ours. @throws Error when that is not as wanted, or its monotonic
 * clock is not ours
 */
async function offBy(lever: ClockLever, whose: Resource, wantedMs: number, stop: AbortSignal): Promise<number> {
  const fromNs = monotonic.nowNs();
  const { wallMs, monotonicNs } = await lever.read(whose, stop);
  const nowNs = monotonic.nowNs();
  if (monotonicNs < fromNs || monotonicNs > nowNs) throw new Error(`the monotonic clock of ${whose} is not ours`);
  const oursMs = calendarNow().getTime() - (nowNs - monotonicNs) / 1e6;
  const offMs = Math.round(wallMs - oursMs);
  if (Math.abs(offMs - wantedMs) > slackMs) throw new Error(`${whose} is off by ${offMs} ms, and not by ${wantedMs}`);
  return offMs;
}
