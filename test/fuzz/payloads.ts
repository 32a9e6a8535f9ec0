/**
 * Everything that a user's code hands to the engine: each case enqueues a hostile payload, and runs a job whose handler
 * ends with a hostile value beside one that is innocent, in a worker's process of its own. The process has to live; the
 * hostile job is dead with its story, the innocent one is done, once; a payload is refused, or handed over as it is.
 */
import { spawn } from "node:child_process";
import { connect, jobType, type DeadJob } from "../../engine/index.ts";
import { within } from "../../std/deadline.ts";
import { sibling } from "../../std/sibling.ts";
import { deadlineMs } from "../../engine/testing/deadline.ts";
import { startRedis, type TestRedis } from "../../engine/testing/redis.ts";
import type { Door } from "./contract.ts";

interface Wrong {
  readonly seed: string;
  readonly what: string;
}

/** Cases in one process. */
const batch = 500;
const textMax = 2000;

export const payloads: Door = {
  about: "payloads, keys and codecs of callers; what handlers, codecs and callbacks throw, and when",
  async run(seed, cases) {
    await using redis = await startRedis();
    const mishandled: Wrong[] = [];
    // A case that is named by itself is that one.
    const [, only] = /\/(\d+)$/.exec(seed) ?? [];
    const base = only === undefined ? seed : seed.slice(0, -only.length - 1);
    const first = Number(only ?? 0);
    for (let from = 0; from < cases; from += batch)
      mishandled.push(...(await tried(redis, base, first + from, Math.min(batch, cases - from))));
    return { cases, mishandled };
  },
};

/** As the process tells it in the end. */
interface Told {
  readonly wrong: readonly Wrong[];
  /** Of jobs that were not started as often as they ought to be. */
  readonly starts: Readonly<Record<string, number>>;
}

async function tried(redis: TestRedis, seed: string, from: number, count: number): Promise<readonly Wrong[]> {
  const namespace = `${seed}/${from}`;
  const args = [
    sibling(import.meta.url, "./payloads-process"),
    String(redis.port),
    namespace,
    seed,
    `${from}`,
    `${count}`,
  ];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = `${errors}${text}`.slice(-2000)));
  try {
    const code = await within(
      new Promise<number | null>((resolve) => child.once("close", resolve)),
      deadlineMs,
      `the worker of ${namespace} to work off its jobs`,
    );
    if (code !== 0) return [{ seed: namespace, what: `one of ${count} ended its process with ${code}: ${errors}` }];
  } catch (error) {
    child.kill("SIGKILL");
    return [{ seed: namespace, what: `one of ${count}: ${String(error)}` }];
  }
  const { wrong, starts }: Told = JSON.parse(output);
  const uneven = Object.entries(starts).map(([job, times]) => ({
    seed: caseOf(seed, job),
    what: `${job} was started ${times} times`,
  }));
  return [...wrong, ...uneven, ...(await wrongLetters(redis, namespace, seed, from, count))];
}

const caseOf = (seed: string, job: string): string => `${seed}/${job.split(" ")[1]}`;

/** As another process sees them. */
async function wrongLetters(
  { host, port }: TestRedis,
  namespace: string,
  seed: string,
  from: number,
  count: number,
): Promise<readonly Wrong[]> {
  await using engine = connect({ redis: { host, port }, namespace });
  const type = jobType({ name: "job" });
  const wrong: Wrong[] = [];
  const missing = new Set(Array.from({ length: count }, (_, n) => `bad ${from + n}`));
  for await (const letter of engine.deadLetters(type).list()) {
    const known = missing.delete(letter.payload);
    const why = known ? untold(letter) : "is no job that was to die, or died twice";
    if (why !== undefined) wrong.push({ seed: caseOf(seed, letter.payload), what: `${letter.payload} ${why}` });
  }
  for (const job of missing) wrong.push({ seed: caseOf(seed, job), what: `${job} is not dead` });
  const depth = await engine.depth(type);
  if (depth !== 0) wrong.push({ seed: namespace, what: `${depth} jobs are left` });
  return wrong;
}

function untold({ attempts, firstError, lastError, stack }: DeadJob): string | undefined {
  if (attempts !== 2) return `died after ${attempts} attempts`;
  for (const error of [firstError, lastError])
    if (error === "" || error.length > textMax) return `has an error of ${error.length} characters`;
  return stack.length > textMax ? `has a stack of ${stack.length} characters` : undefined;
}
