/**
 * The service's door: requests that are almost right, and bytes that are no request, on raw sockets of a real process
 * with a real Redis. Each is answered as HTTP has it, wrong ones with a problem, none with a 500; and what was
 * acknowledged is there.
 */
import { fileURLToPath } from "node:url";
import { connect } from "../../engine/index.ts";
import { messageOf } from "../../std/user-error.ts";
import { type Answered, answersOf } from "../../engine/testing/answers.ts";
import { startEngine } from "../../engine/testing/command.ts";
import { deadlineMs } from "../../engine/testing/deadline.ts";
import { exchange } from "../../engine/testing/exchange.ts";
import { startRedis } from "../../engine/testing/redis.ts";
import type { Door } from "./contract.ts";
import { caseOf } from "./http/cases.ts";
import { namespace, queues } from "./http/queues.ts";

const module = fileURLToPath(new URL("./http/queues.ts", import.meta.url));
const atOnce = 8;
/** Of the whole requests: who is refused while it sends may see the connection reset, but that is rare. */
const answeredLeast = 0.95;

interface Mishandled {
  readonly seed: string;
  readonly what: string;
}

/** How many jobs it wrote. @throws Error saying what is wrong with an answer */
function judged({ status, headers, body }: Answered): number {
  if (status === 503) {
    if (/script|@user|Error|\.ts/.test(body)) throw new Error(`a 503 tells what is inside: ${body}`);
    throw new Error(`the broker is there, and yet: ${body}`);
  }
  if (status >= 500) throw new Error(`${status} ${body}`);
  if (status < 400) return written(status, body);
  if (headers.get("content-type")?.startsWith("application/problem+json") !== true)
    throw new Error(`${status} as ${headers.get("content-type")}: ${body}`);
  // To a HEAD, there are headers alone.
  if (body === "") return 0;
  const problem: unknown = JSON.parse(body);
  const isTold = typeof problem === "object" && problem !== null && "status" in problem && problem.status === status;
  if (!isTold || !("detail" in problem) || typeof problem.detail !== "string" || problem.detail === "")
    throw new Error(`a ${status} that says ${body}`);
  return 0;
}

function written(status: number, body: string): number {
  if (status === 202 && !body.startsWith('{"jobs"')) return 1;
  return status === 202 || status === 207 ? body.split('"status":202').length - 1 : 0;
}

export const http: Door = {
  about: "requests and raw bytes to the service",
  async run(seed, cases) {
    await using redis = await startRedis(["--save", "", "--appendonly", "no"]);
    await using serving = await startEngine("serve", module, { BROKER_PORT: String(redis.port) });
    await using engine = connect({ redis, namespace });
    const port = Number(new URL(serving.url).port);
    const mishandled: Mishandled[] = [];
    let next = 0;
    let acknowledged = 0;
    let whole = 0;
    let answered = 0;

    async function one(name: string): Promise<void> {
      const { bytes, pieces, isWhole, methods } = caseOf(name);
      try {
        const { received, isOver, isReset } = await exchange({ port, bytes, pieces, ends: !isWhole, deadlineMs });
        const answers = answersOf(received, methods);
        for (const each of answers) acknowledged += judged(each);
        if (isWhole) whole++;
        if (isWhole && answers.length > 0) answered++;
        else if (isWhole && !isReset) throw new Error("a request without an answer");
        if (!isOver) throw new Error(`neither answered nor closed after ${deadlineMs} ms`);
      } catch (error) {
        mishandled.push({
          seed: name,
          what: `${messageOf(error)} to ${JSON.stringify(bytes.toString("latin1")).slice(0, 500)}`,
        });
      }
    }
    async function some(): Promise<void> {
      while (next < cases) await one(`${seed}/${next++}`);
    }
    await Promise.all(Array.from({ length: atOnce }, some));

    if (answered < whole * answeredLeast)
      mishandled.push({ seed, what: `${answered} of ${whole} requests were answered` });
    // A job that was written, and whose answer did not come, is more; one less is a loss.
    let held = 0;
    for (const { type } of queues) held += await engine.depth(type);
    if (held < acknowledged)
      mishandled.push({ seed, what: `${acknowledged} jobs were acknowledged, and ${held} are there` });
    const alive = await fetch(`${serving.url}/readyz`).then(({ status }) => status, messageOf);
    if (alive !== 200) mishandled.push({ seed, what: `in the end the service says ${alive}` });
    serving.signal("SIGTERM");
    const code = await serving.ended();
    if (code !== 0) mishandled.push({ seed, what: `the service ended with ${code}` });
    return { cases, mishandled };
  },
};
