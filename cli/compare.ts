/**
 * `whitewater compare`: several configurations held against each other; who is broken comes first, then who is faster.
 */
import { styleText } from "node:util";
import { systemNames } from "../catalogues/catalogues.ts";
import { StoppedEarly } from "../harness/run.ts";
import { runDirectory, write } from "../harness/run-directory.ts";
import { sweepAll } from "../harness/sweep.ts";
import { comparisonReports } from "../reports/compare/index.ts";
import { comparisonSummary } from "../reports/compare/terminal.ts";
import { monotonic } from "../std/clock.ts";
import { UserError } from "../std/user-error.ts";
import { compare as compareConfigurations, type CompareRequest } from "../studies/compare.ts";
import { drawnSeed, none, requestOf, standard } from "../studies/compare/choice.ts";
import { usual } from "../studies/compare/course.ts";
import { configurationOption, inForce } from "./catalogues.ts";
import { wholeNumber, type Command, type Words } from "./command.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { terminal } from "./recheck.ts";
import { stopOnSignals } from "./signals.ts";
import { describeSwept } from "./swept.ts";

export const compare: Command = {
  about:
    "Compares configurations of queues: which keep their promises, and which is faster, with an interval. Each is `system` or `system:profile`; the others are held against the first.",
  operand: {
    name: "configuration",
    about: "such as `stream bullmq bullmq:tuned`; at least two, or one with `--concurrency 10,100`",
    many: true,
  },
  options: {
    seconds: {
      about: `the most that the rounds may take, their processes' coming and going included (default: ${standard.seconds}); they end sooner once the interval is narrow`,
      value: "N",
    },
    rounds: { about: "exactly so many, however wide the interval is", value: "N" },
    jobs: {
      about: "in each backlog (default: what the slowest works off in a tenth of a second, at most 4000)",
      value: "N",
    },
    load: {
      about:
        "a scenario of which the rounds have the workers and the jobs: what they weigh, how long they run, which fail or wait (default: one worker, and jobs that end at once)",
      value: "NAME",
    },
    workers: { about: `processes that work (default: the load's, else ${usual.workers})`, value: "N" },
    concurrency: {
      about: `handlers at once in each worker, such as 10,100: each configuration with each of them (default: the load's, else ${usual.concurrency})`,
      value: "N,N",
    },
    "run-ms": { about: "how long a handler takes, such as 0-60 (default: the load's, else 0)", value: "FROM-TO" },
    "payload-bytes": { about: `of each job (default: the load's, else ${usual.payloadBytes})`, value: "N" },
    set: {
      about: "a setting of the systems, over their profiles', such as leaseMs=2000 (repeatable)",
      value: "NAME=VALUE",
      many: true,
    },
    scenario: {
      about: `in which the promises are threatened (default: ${standard.scenario}); \`${none}\`: only the rounds are judged`,
      value: "NAME",
    },
    "fail-slower": { about: "exit code 1 when one is slower than the first by more than this", value: "PERCENT" },
    seed: { about: "the same seed gives the same order of turns (default: drawn, and printed)", value: "TEXT" },
    runs: { about: "where the directory of the comparison is made (default: runs)", value: "DIR" },
    redis: {
      about:
        "use this Redis, and no other (never flushed; every key has the comparison's own prefix, and is removed afterwards)",
      value: "HOST:PORT",
    },
    ...configurationOption,
  },
  epilogue: async (words) => {
    const { catalogues } = await inForce(words);
    return (
      `Systems:   ${systemNames(catalogues)}\nScenarios: ${Object.keys(catalogues.scenarios).join(", ")}\n` +
      "Exit codes: 0 nobody is broken or slower than allowed, 1 someone is, 2 nobody can know, 3 usage or environment."
    );
  },
  async run(words) {
    const stop = stopOnSignals();
    const request = await requestFrom(words);
    for (const swept of await sweepAll(request.runs)) console.error(describeSwept(swept));
    console.error(styleText("bold", request.repeat, { stream: process.stderr }));
    try {
      const startNs = monotonic.nowNs();
      const told = (line: string): void => {
        const seconds = Math.round((monotonic.nowNs() - startNs) / 1e9);
        console.error(`${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}  ${line}`);
      };
      const comparison = await compareConfigurations(request, { clock: monotonic, told }, stop);
      const directory = runDirectory(comparison.directory);
      for (const { file, render } of comparisonReports) write(directory, file, render(comparison));
      console.log(comparisonSummary(comparison, terminal()));
      return exitCodeOf([comparison.verdict]);
    } catch (thrown) {
      if (!(thrown instanceof StoppedEarly)) throw thrown;
      console.error(`${thrown.message}.`);
      return exitCodes.unknown;
    }
  },
};

async function requestFrom(words: Words): Promise<CompareRequest> {
  const { catalogues, configuration, directory } = await inForce(words);
  const number = (option: string, least: number): number | undefined => {
    const text = words.text(option);
    return text === undefined ? undefined : wholeNumber(option, text, least);
  };
  const seed = words.text("seed") ?? drawnSeed();
  if (!/^[\w.-]{1,64}$/.test(seed))
    throw new UserError(`--seed takes letters, digits, ".", "_" and "-", not "${seed}"`);
  const choice = {
    configurations: words.operands,
    load: words.text("load"),
    workers: number("workers", 1),
    concurrency: words
      .text("concurrency")
      ?.split(",")
      .map((one) => wholeNumber("concurrency", one.trim(), 1)),
    runMs: runMsOf(words.text("run-ms")),
    payloadBytes: number("payload-bytes", 1),
    scenario: words.text("scenario"),
    rounds: number("rounds", 1),
    seconds: number("seconds", 1),
    jobs: number("jobs", 1),
    failSlowerPercent: percentOf(words.text("fail-slower")),
  };
  return requestOf(
    { ...given(choice), configurations: words.operands, set: words.all("set"), seed },
    {
      catalogues,
      configuration,
      directory,
      runs: words.text("runs") ?? "runs",
      redis: words.text("redis"),
      repeat: repeatOf(words, seed),
    },
  );
}

/** Of the options, those that were. */
const given = <T extends object>(options: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.assign({}, ...Object.entries(options).map(([name, value]) => (value === undefined ? {} : { [name]: value })));

const repeated = [
  "load",
  "workers",
  "concurrency",
  "run-ms",
  "payload-bytes",
  "jobs",
  "seconds",
  "rounds",
  "fail-slower",
  "redis",
  "config",
] as const;

function repeatOf(words: Words, seed: string): string {
  const options = repeated.flatMap((option) => {
    const text = words.text(option);
    return text === undefined ? [] : [`--${option}`, text];
  });
  const settings = words.all("set").flatMap((one) => ["--set", one]);
  const scenario = words.text("scenario") ?? standard.scenario;
  return [
    "whitewater compare",
    ...words.operands,
    "--seed",
    seed,
    "--scenario",
    scenario,
    ...options,
    ...settings,
  ].join(" ");
}

/** `FROM-TO`, or one number for both. @throws UserError */
function runMsOf(text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined) return undefined;
  const [, from = "", to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (from === "" || Number(from) > Number(to))
    throw new UserError(`--run-ms takes milliseconds, such as 20 or 0-60, not "${text}"`);
  return [Number(from), Number(to)];
}

/** From 0 to 100, with a decimal point if one likes. @throws UserError */
function percentOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const percent = /^\d+(\.\d+)?%?$/.test(text) ? Number(text.replace("%", "")) : Number.NaN;
  if (Number.isNaN(percent) || percent > 100)
    throw new UserError(`--fail-slower takes a percentage from 0 to 100, such as 10, not "${text}"`);
  return percent;
}
