/**
 * A settlement in two steps, for mutants: the entry leaves the stream in one, the next attempt or the dead letter is
 * written in the other. Between them lies a pause, so that a kill hits what in a real system is a window of
 * microseconds.
 */
import { scripts, stepsOn, type Steps, type Tools } from "../../engine/redis/steps.ts";
import { monotonic, pause } from "../../std/clock.ts";
import { patched } from "./patched.ts";

/** Shorter than what a drain takes for quiet: a job that is nowhere for so long is not taken for gone. */
const betweenMs = 150;

/** The loop in which the script writes what was accepted of a kind. */
const written = { retry: "ipairs(accepted[2])", dead: "ipairs(accepted[3])" } as const;
const ownership = "local mine = deliveries[ARGV[at]] == ARGV[at + 1]";
/** Without a record, nothing is known of a batch's number and nothing is kept. */
const unrecorded = { "local record = redis.call('HGET', settled, consumer)": "local record = false" };

/** @param kind what is settled in two steps; all else is as ever */
export const tornSettlement =
  (kind: keyof typeof written, order: "written first" | "acknowledged first") =>
  (tools: Tools): Steps => {
    const steps = stepsOn(tools);
    const acknowledging = stepsOn(tools, {
      ...scripts,
      settle: patched(scripts.settle, { [written[kind]]: "ipairs({})" }),
    });
    const writing = stepsOn(tools, {
      ...scripts,
      settle: patched(scripts.settle, {
        ...unrecorded,
        "if #owned > 0 then": "if false then",
        // What is acknowledged already belongs to nobody any more.
        ...(order === "acknowledged first" ? { [ownership]: "local mine = true" } : {}),
      }),
    });
    return {
      ...steps,
      async settle(consumer, batch, verdicts) {
        const torn = verdicts.filter(({ as }) => as === kind);
        if (torn.length === 0) return steps.settle(consumer, batch, verdicts);
        if (order === "written first") {
          const first = await writing.settle(consumer, batch, torn);
          if (first.kind !== "marks") return first;
          await pause(monotonic, betweenMs);
          return acknowledging.settle(consumer, batch, verdicts);
        }
        const settling = await acknowledging.settle(consumer, batch, verdicts);
        if (settling.kind !== "marks") return settling;
        await pause(monotonic, betweenMs);
        const accepted = torn.filter((verdict) => settling.marks[verdicts.indexOf(verdict)] === true);
        if (accepted.length > 0) await writing.settle(consumer, batch, accepted);
        return settling;
      },
    };
  };
