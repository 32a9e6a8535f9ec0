/** `whitewater run`: one run or several seeds of it, watched, judged, reported. */
import { randomBytes } from "node:crypto";
import { styleText } from "node:util";
import { systemNames } from "../catalogues/catalogues.ts";
import { conclude, type Asking } from "../harness/conclude.ts";
import { measureCapacity } from "../harness/capacity.ts";
import type { Given } from "../harness/environment/contract.ts";
import { proxiesAreForwarded } from "../harness/environment/unavailable.ts";
import { lostOf, RecordLost } from "../harness/ends.ts";
import type { RunLimits } from "../harness/limits.ts";
import { planHere } from "../harness/plan-here.ts";
import { defaults, type Choice, type Plan } from "../harness/plan.ts";
import { run as execute, StoppedEarly, type RunRequest } from "../harness/run.ts";
import { shortfallsIn } from "../harness/shortfalls.ts";
import { removeOldRuns } from "../harness/retention.ts";
import { sweepAll } from "../harness/sweep.ts";
import type { Result } from "../reports/contract.ts";
import { summary } from "../reports/terminal.ts";
import { monotonic } from "../std/clock.ts";
import { ForeignError } from "../std/entrusted.ts";
import { printableIn } from "../std/printable.ts";
import { alarm } from "../std/turn.ts";
import { UserError } from "../std/user-error.ts";
import { configurationOption, inForce } from "./catalogues.ts";
import { wholeNumber, type Command, type Words } from "./command.ts";
import { complain, leave, mention, recordedIn } from "./ending.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { knownIn, verdictFor } from "./known.ts";
import { clock, live } from "./live.ts";
import { terminal } from "./recheck.ts";
import { thresholdHelp, thresholdOption } from "./threshold.ts";
import { signalsEnd, stopOnSignals } from "./signals.ts";
import { describeSwept } from "./swept.ts";

/** A stretched load's peak is at most this share of what the machine was seen to carry. */
const peakShare = 0.6;

/** For everything to be healed and stopped when a run is ended at its maximum. */
const windUpMs = 25_000;

export const run: Command = {
  about: "Runs scenarios on a system, one after the other, and says whether the system kept its promises.",
  operand: { name: "scenario", about: "what to do: `whitewater list` shows all", many: true },
  options: {
    system: { about: "the queue under test (default: stream, the reference engine)", value: "NAME" },
    profile: { about: "named settings of the system (default: its defaults)", value: "NAME" },
    set: {
      about: "a setting of the system, over its profile's, such as leaseMs=2000 (repeatable)",
      value: "NAME=VALUE",
      many: true,
    },
    seed: { about: "the same seed gives the same schedule (default: drawn, and printed)", value: "TEXT" },
    seeds: { about: "this many runs of each scenario, each with a seed of its own", value: "N" },
    jobs: {
      about:
        "jobs in all, such as 200k or 10M; more than the scenario's own stretches its load to what this machine carries",
      value: "N",
    },
    seconds: { about: "length of the load (default: the scenario's)", value: "N" },
    without: {
      about: "leave these faults of the scenario out, such as clock,broker-stop; the result says so",
      value: "FAULT,FAULT",
    },
    threshold: thresholdOption,
    "retry-unknown": {
      about: "run an unknown run again, up to so many times; a failure never is",
      value: "N",
    },
    known: { about: "known failures, each with a reason and a day: a build goes on in spite of them", value: "FILE" },
    keep: { about: "afterwards remove all but the newest N finished runs", value: "N" },
    runs: { about: "where run directories are made (default: runs)", value: "DIR" },
    redis: {
      about:
        "use this Redis, and no other (never flushed; every key has the run's own prefix, and is removed afterwards)",
      value: "HOST:PORT",
    },
    toxiproxy: { about: "use the Toxiproxy with this API address", value: "HOST:PORT" },
    "toxiproxy-ports": { about: "where it is in a container: those of its ports that are published", value: "FROM-TO" },
    "toxiproxy-redis": { about: "the Redis, as that Toxiproxy reaches it", value: "HOST:PORT" },
    ...configurationOption,
  },
  epilogue: async (words) => {
    const { catalogues } = await inForce(words);
    return `${thresholdHelp}\n\nScenarios: ${Object.keys(catalogues.scenarios).join(", ")}\nSystems:   ${systemNames(catalogues)}`;
  },
  run: (words) => runAll(words),
};

/** @param limits instead of those of the plans: tests have no hour */
export async function runAll(words: Words, limits: Partial<RunLimits> = {}): Promise<number> {
  const { catalogues, configuration, directory } = await inForce(words);
  const runs = words.text("runs") ?? "runs";
  const choices = choicesOf(words);
  const given = givenIn(words);
  const forwarded = await proxiesAreForwarded(given);
  for (const swept of await sweepAll(runs)) console.error(describeSwept(swept));

  const failures = knownIn(words);
  const [keep, retries] = [numberIn(words, "keep"), numberIn(words, "retry-unknown") ?? 0];
  const planned = async (choice: Choice): Promise<Plan> => {
    const plan = await planHere(choice, { catalogues, given, runs }, forwarded);
    return { ...plan, limits: { ...plan.limits, ...limits } };
  };
  for (const choice of choices) await planned(choice); // a mistake is told before the first run, not after an hour
  const stop = stopOnSignals();
  const results: Result[] = [];
  let unjudged = 0;
  let hasUnwritten = false;
  const noteUnwritten = (why: Error): void => {
    hasUnwritten = true;
    mention(why.message);
  };
  const stretchedTo = new Map<string, number>();
  for (const choice of choices) {
    if (stop.aborted) break;
    const where = { catalogues, configuration, directory, runs, given, repeat: repeatIn(words) };
    const request = (plan: Plan): RunRequest => ({ ...where, plan });
    try {
      let plan = await planned(choice);
      if (isLarger(choice, plan)) {
        const seconds = stretchedTo.get(choice.scenario) ?? (await stretched(request(plan), stop));
        stretchedTo.set(choice.scenario, seconds);
        plan = await planned({ ...choice, seconds });
      }
      announce(plan, choices.length, results.length + 1);
      const judged = (): Promise<Result> => one(request(plan), { failures, noteUnwritten }, stop);
      let result = await judged();
      for (let again = 1; result.verdict === "unknown" && again <= retries && !stop.aborted; again++) {
        console.log(`Unknown: run again, ${again} of ${retries}.`);
        result = await judged();
      }
      results.push(result);
    } catch (thrown) {
      if (!isUnjudged(thrown)) throw thrown;
      complain(thrown);
      recordedIn(undefined);
      unjudged++;
    }
  }
  if (choices.length > 1) console.log(overview(results));
  if (keep !== undefined) for (const old of removeOldRuns(runs, keep)) console.log(`removed ${old}`);
  // What was not run is not known, and what was not written, to whoever reads it.
  return exitCodeOf([
    ...results.map((result) => verdictFor(result, failures)),
    ...(stop.aborted || unjudged > 0 || hasUnwritten ? (["unknown"] as const) : []),
  ]);
}

const givenIn = (words: Words): Given => ({
  redis: words.text("redis"),
  toxiproxy: words.text("toxiproxy"),
  toxiproxyPorts: words.text("toxiproxy-ports"),
  toxiproxyRedis: words.text("toxiproxy-redis"),
});

/** It came to nothing that could be judged, and says so itself. */
const isUnjudged = (thrown: unknown): boolean =>
  thrown instanceof StoppedEarly || thrown instanceof ForeignError || thrown instanceof RecordLost;

const told = (line: string): void => console.error(line);

async function one(request: RunRequest, asking: Asking, stop: AbortSignal): Promise<Result> {
  const { mostMs } = request.plan.limits;
  const view = live(process.stderr);
  // Ended at its maximum, it is soon over; should even that hang, its guardian does the rest.
  using scope = new DisposableStack();
  scope.use(
    alarm(mostMs + windUpMs, () => {
      mention(`it could not be ended at its maximum of ${clock(mostMs)}: its guardian stops what is left`);
      leave(exitCodes.unknown);
    }),
  );
  const directory = await execute(request, { clock: monotonic, progress: view.show, told, began: recordedIn }, stop);
  view.end();
  if (stop.aborted) signalsEnd(); // it is heard only when the judgement is over, which may take a while
  const result = await conclude(directory, request.catalogues, asking).catch((thrown: unknown) => {
    throw lostOf(directory) ?? thrown;
  });
  recordedIn(undefined);
  console.log(summary(printableIn(result), terminal()));
  for (const why of shortfallsIn(directory)) mention(why);
  return result;
}

function choicesOf(words: Words): readonly Choice[] {
  if (words.operands.length === 0)
    throw new UserError("name a scenario, such as `whitewater run day`; `whitewater list` shows all");
  const jobs = numberIn(words, "jobs");
  const seconds = numberIn(words, "seconds");
  const seed = words.text("seed") ?? randomBytes(4).toString("hex");
  if (!/^[\w.-]{1,64}$/.test(seed))
    throw new UserError(`--seed takes letters, digits, ".", "_" and "-", not "${seed}"`);
  const base = {
    system: words.text("system") ?? "stream",
    profile: words.text("profile") ?? defaults,
    set: words.all("set"),
    ...(jobs === undefined ? {} : { jobs }),
    ...(seconds === undefined ? {} : { seconds }),
    without: listOf(words.text("without")),
    thresholds: words.all("threshold"),
  };
  const seeds = numberIn(words, "seeds");
  const drawn = seeds === undefined ? [seed] : Array.from({ length: seeds }, (_, index) => `${seed}.${index + 1}`);
  return words.operands.flatMap((scenario) => drawn.map((each) => ({ ...base, scenario, seed: each })));
}

function numberIn(words: Words, option: string): number | undefined {
  const text = words.text(option);
  return text === undefined ? undefined : wholeNumber(option, text, 1);
}

/** The options that say where things are, as they were given. */
const repeatIn = (words: Words): readonly string[] =>
  ["redis", "toxiproxy", "toxiproxy-ports", "toxiproxy-redis", "config"].flatMap((option) => {
    const text = words.text(option);
    return text === undefined ? [] : [`--${option}`, text];
  });

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/** More jobs than the scenario was made for, and nobody said how long they may take. */
const isLarger = (choice: Choice, plan: Plan): boolean =>
  choice.seconds === undefined && plan.jobs > plan.definition.load.jobs;

/** Seconds of load after which the peak is within what the machine carries. */
async function stretched(request: RunRequest, stop: AbortSignal): Promise<number> {
  const { plan } = request;
  console.log("Measuring what this machine carries: a short run without faults ...");
  const perSecond = await measureCapacity(request, { clock: monotonic, progress: () => {}, told }, stop);
  const needed = Math.ceil((plan.peakPerSecond * plan.seconds) / (peakShare * perSecond));
  console.log(
    `It carries ${Math.round(perSecond).toLocaleString("en-US")} jobs/s; the peak of the load will be at most ${peakShare * 100} % of that.`,
  );
  return Math.max(plan.seconds, needed);
}

function announce(plan: Plan, of: number, index: number): void {
  const numbers = [
    `${plan.jobs.toLocaleString("en-US")} jobs in ${clock(plan.seconds * 1000)} (peak ${plan.peakPerSecond.toLocaleString("en-US")}/s)`,
    `${plan.schedule.length} faults${plan.leftOut.length === 0 ? "" : ` (without ${plan.leftOut.map(({ fault }) => fault).join(", ")})`}`,
    `about ${clock(soonestMs(plan))} in all, and up to ${clock(soonestMs(plan) + plan.limits.stuckMs)} where a job has to be recovered; ended after ${clock(plan.limits.mostMs)}`,
  ];
  console.log(
    `${styleText("bold", `${plan.scenario} on ${plan.system}`)}${plan.profile === defaults ? "" : ` (${plan.profile})`}  seed ${plan.seed}${of > 1 ? `  run ${index} of ${of}` : ""}`,
  );
  console.log(styleText("dim", numbers.join("; ")));
}

/** The load, and what starting, healing, looking and judging take in good order. */
const soonestMs = ({ seconds, jobs }: Plan): number => seconds * 1000 + 8_000 + jobs * 0.02;

/** A row a run, and what they come to. */
function overview(results: readonly Result[]): string {
  const count = (verdict: Result["verdict"]): number => results.filter((result) => result.verdict === verdict).length;
  const width = Math.max(...results.map(({ run: { scenario } }) => scenario.name.length));
  const rows = results.map((result) => {
    const red = result.guarantees
      .filter(({ claimed, verdict }) => claimed && verdict === "fail")
      .map(({ name }) => name);
    return `  ${result.verdict.padEnd(8)}${result.run.scenario.name.padEnd(width)}  seed ${result.run.seed.padEnd(14)}${red.join(", ") || result.reasons[0] || ""}`;
  });
  return [
    ...rows,
    styleText(
      "bold",
      `${count("pass")} of ${results.length} passed, ${count("fail")} failed, ${count("unknown")} unknown`,
    ),
  ].join("\n");
}
