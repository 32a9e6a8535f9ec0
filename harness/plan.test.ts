/** What a plan takes over from the scenario, and what it refuses before anything is started. */
import { expect, test } from "vitest";
import { faults } from "../chaos/index.ts";
import { checks } from "../checks/index.ts";
import { measures } from "../measures/index.ts";
import { day } from "../scenarios/day.ts";
import { spanSeconds } from "../history/ledger.ts";
import type { System } from "../systems/contract.ts";
import stream from "../systems/stream.ts";
import type { Scenario } from "../scenarios/contract.ts";
import { UserError } from "../std/user-error.ts";
import { defaults, planRun, type Choice, type Unavailable } from "./plan.ts";

const priorities = { high: { weight: 8, share: 0.1 }, low: { weight: 1, share: 0.9 } };
const scenario: Scenario = {
  ...day,
  load: { ...day.load, priorities, work: { ...day.load.work, killing: 0.01, delayed: { share: 0.5, upToMs: 60_000 } } },
  trouble: [
    { fault: "broker-stop", options: {}, times: 1, between: [0.2, 0.8] },
    { fault: "worker-kill", options: {}, times: 2, between: [0.1, 0.9] },
  ],
};
const choice = { scenario: "busy", system: "stream", profile: defaults, seed: "plan" } as const;

async function planned(
  more: Partial<Choice> = {},
  unavailable?: Unavailable,
  changes: Partial<Pick<System, "delays" | "priorities" | "bounds">> = {},
  busy: Scenario = scenario,
) {
  return planRun(
    { ...choice, ...more },
    {
      faults,
      checks,
      measures,
      systems: { stream: async () => ({ default: { ...stream, ...changes } }) },
      scenarios: { busy },
    },
    unavailable,
  );
}

/** Whatever touches the store. */
const noStore: Unavailable = (due) =>
  [...new Set(due.filter(({ plan }) => plan.touches.includes("store")).map(({ fault }) => fault))].map((fault) => ({
    fault,
    why: "the store is not ours",
  }));

test("delays are planned where the system takes them, and left out where it does not", async () => {
  const taken = await planned({}, undefined, { delays: true });
  expect(taken.load.work.delayed).toEqual({ share: 0.5, upToMs: 60_000 });
  const left = await planned({}, undefined, { delays: false });
  expect(left.load.work.delayed).toEqual({ share: 0, upToMs: 60_000 });
  // While all that is left waits for its time, nothing is stuck.
  expect(taken.limits.stuckMs).toBeGreaterThan(60_000);
  expect(left.limits.stuckMs).toBeLessThan(60_000);
});

test("priorities are planned where the system takes them, and left out where it does not", async () => {
  expect((await planned({}, undefined, { priorities: true })).load.priorities).toEqual(priorities);
  expect((await planned({}, undefined, { priorities: false })).load).not.toHaveProperty("priorities");
});

test("repetitions are planned within the window of the system's keys, and left out where it takes none", async () => {
  const repeating = { ...scenario, load: { ...scenario.load, repeats: { share: 0.3, withinMs: 10_000 } } };
  const within = async (deduplicationMs?: number) => {
    const { deduplicationMs: _, ...bounds } = stream.bounds(stream.options.parse({}));
    const own = deduplicationMs === undefined ? bounds : { ...bounds, deduplicationMs };
    return planned({}, undefined, { bounds: () => own }, repeating);
  };
  expect(await within(60_000)).toMatchObject({ load: { repeats: { share: 0.3, withinMs: 10_000 } }, untaken: [] });
  expect(await within(8_000)).toMatchObject({ load: { repeats: { share: 0.3, withinMs: 6_000 } } });
  const without = await within();
  expect(without.load).not.toHaveProperty("repeats");
  expect(without.untaken).toEqual(["repeats: the system takes no callers' keys"]);
});

test("faults are left out by choice, and the plan says so", async () => {
  const whole = await planned();
  expect(whole.schedule.map(({ fault }) => fault).toSorted()).toEqual(["broker-stop", "worker-kill", "worker-kill"]);
  expect(whole.leftOut).toEqual([]);
  const some = await planned({ without: ["broker-stop", "broker-stop"] });
  expect(some.schedule.map(({ fault }) => fault)).toEqual(["worker-kill", "worker-kill"]);
  expect(some.leftOut).toEqual([{ fault: "broker-stop", why: "left out by --without" }]);
});

test("what the scenario does not have cannot be left out", async () => {
  await expect(planned({ without: ["worker-kil"] })).rejects.toThrow(
    new UserError('scenario "busy" has no fault "worker-kil" to be left out; it has: broker-stop, worker-kill'),
  );
});

test("what cannot be had here is refused with the reason and the remedy, until it is left out", async () => {
  await expect(planned({}, noStore)).rejects.toThrow(
    new UserError(
      [
        'not all faults of scenario "busy" can be had here:',
        "  - broker-stop: the store is not ours",
        "Or leave them out: --without broker-stop",
      ].join("\n"),
    ),
  );
  await expect(planned({ without: ["worker-kill"] }, noStore)).rejects.toThrow(/--without worker-kill,broker-stop$/);
  const rest = await planned({ without: ["broker-stop"] }, noStore);
  expect(rest.leftOut).toEqual([{ fault: "broker-stop", why: "left out by --without; the store is not ours" }]);
  expect(rest.schedule).toHaveLength(2);
});

test("a job that ends its worker gets the time to be found dead", async () => {
  const { limits } = await planned();
  expect(limits.deadlineMs).toBeGreaterThanOrEqual((scenario.load.retries.attempts + 1) * limits.stuckMs);
});

test("a run that goes on for longer than a history can tell is refused, with what would fit", async () => {
  const most = await planned({ seconds: 36_000 });
  expect(most.seconds * 1000 + most.limits.deadlineMs).toBeLessThan(spanSeconds * 1000);
  await expect(planned({ seconds: 50_000 })).rejects.toThrow(
    /a load of 50000 s in scenario "busy", and \d+ s in which system "stream" may work it off, .* take at most 3\d{4} s \(--seconds\)/,
  );
  const slow = { bounds: () => ({ recoveryMs: 86_400_000, retryMs: 0 }) };
  await expect(planned({}, undefined, slow)).rejects.toThrow(/shorter recovery of the system/);
});

test("what is asked of speed is checked before anything is started", async () => {
  const { asked } = await planned({ thresholds: ["p99(end-to-end)<500ms, else end", "max(wait) < 8 s"] });
  expect(asked).toEqual([
    { text: "p99(end-to-end) < 500ms", endsRun: true, askedBy: "command" },
    { text: "max(wait) < 8s", endsRun: false, askedBy: "command" },
  ]);
  await expect(planned({ thresholds: ["max(wait) for urgent < 8s"] })).rejects.toThrow(
    /no priority .*there are: high, low/,
  );
  await expect(
    planned({ thresholds: ["max(wait) during faults < 8s"], without: ["worker-kill", "broker-stop"] }),
  ).rejects.toThrow(/there are no faults in this run/);
});
