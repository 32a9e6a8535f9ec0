/** The store's clock and the system's depth, asked of a real Redis that goes away and comes back. */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import type { Kind } from "../history/record.ts";
import { calendarNow, monotonic } from "../std/clock.ts";
import { eventually } from "../std/deadline.ts";
import { startRedis } from "../engine/testing/redis.ts";
import { takeSamples } from "./samples.ts";

const deadlineMs = 60_000;

interface Taken {
  readonly kind: Kind;
  readonly at: number;
  readonly aux: number;
  readonly micros: number;
}

function listener() {
  const taken: Taken[] = [];
  return {
    taken,
    of: (kind: Kind): readonly Taken[] => taken.filter((one) => one.kind === kind),
    answer(kind: Kind, askedNs: number, aux: number): void {
      const at = monotonic.nowNs();
      taken.push({ kind, at, aux, micros: Math.ceil((at - askedNs) / 1000) });
    },
  };
}

test("the store's clock is told with how long the question took, and again once the store is back", async () => {
  await using redis = await startRedis();
  const heard = listener();
  const began = calendarNow().getTime();
  using samples = takeSamples(redis, {}, heard, monotonic);
  await eventually(() => heard.taken.length >= 5, { deadlineMs, awaited: "five answers" });
  for (const { kind, aux, micros } of heard.taken) {
    expect(kind).toBe("storeTime");
    // The two clocks are one on this host; Redis may tell the time at which its turn began.
    expect(aux).toBeGreaterThan(began - 1000);
    expect(aux).toBeLessThanOrEqual(calendarNow().getTime() + 1);
    expect(micros).toBeGreaterThan(0);
  }
  const passedMs = (heard.taken.at(-1)?.aux ?? 0) - (heard.taken[0]?.aux ?? 0);
  const ourMs = ((heard.taken.at(-1)?.at ?? 0) - (heard.taken[0]?.at ?? 0)) / 1e6;
  const slackMs = heard.taken.reduce((most, { micros }) => Math.max(most, micros / 1000), 0) + 1000;
  expect(Math.abs(passedMs - ourMs)).toBeLessThan(slackMs);

  await redis.stop("SIGKILL");
  const before = heard.taken.length;
  await redis.start();
  await eventually(() => heard.taken.length > before + 2, { deadlineMs, awaited: "answers of the store that is back" });
  samples[Symbol.dispose]();
});

test("nothing is asked while the store does not answer, and nothing after the end", async () => {
  await using redis = await startRedis();
  await using admin = Object.assign(new Redis({ host: redis.host, port: redis.port }), {
    [Symbol.asyncDispose]: async () => {
      admin.disconnect();
    },
  });
  const heard = listener();
  let asked = 0;
  let underWay = 0;
  let most = 0;
  const answers: ((depth: number) => void)[] = [];
  const depth = async (): Promise<number> => {
    asked++;
    most = Math.max(most, ++underWay);
    const answer = await new Promise<number>((resolve) => answers.push(resolve));
    underWay--;
    return answer;
  };
  const samples = takeSamples(redis, { depth }, heard, monotonic);
  const times = (): number => heard.of("storeTime").length;
  // The clock beats ten times as often: a second question would have been asked by then.
  await eventually(() => asked === 1, { deadlineMs, awaited: "the first question" });
  const after = times();
  await eventually(() => times() > after + 15, { deadlineMs, awaited: "the clock to be told meanwhile" });
  expect(asked).toBe(1);
  answers.shift()?.(7);
  await eventually(() => asked === 2, { deadlineMs, awaited: "the next question" });
  answers.shift()?.(5);
  await eventually(() => heard.of("depth").length > 0, { deadlineMs, awaited: "an answer" });
  expect(heard.of("depth").at(-1)?.aux).toBe(5);
  expect(most).toBe(1);
  samples[Symbol.dispose]();
  const total = heard.taken.length;
  answers.shift()?.(3);
  await admin.ping();
  expect(heard.taken.length).toBe(total);
});
