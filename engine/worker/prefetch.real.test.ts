/** What a worker was given without hearing of it, and what it hears of twice. */
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { redis, store } from "../testing/own-redis.ts";
import { type InProcess, longLeaseMs, workHere } from "../testing/workers.ts";
import { connectWith, type Engine } from "../engine.ts";
import { jobType } from "../index.ts";
import { group, keysOf } from "../redis/keys.ts";
import { stepsOn, type Steps } from "../redis/steps.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs });

/**
 * A worker that looks for what it never heard of, and a job in dead hands.
 * @param change of its steps from then on; `recover` says when it looks
 */
async function withLeftBehind(
  namespace: string,
  change: (steps: Steps, looking: () => void) => Partial<Steps> & Pick<Steps, "recover">,
  then: (engine: Engine, worker: InProcess) => Promise<void>,
): Promise<void> {
  const looking = Promise.withResolvers<void>();
  let isReading = false; // before that, a worker may look for it too
  await using engine = connectWith({ redis, namespace, name: namespace }, (tools) => {
    const steps = stepsOn(tools);
    const changed = change(steps, looking.resolve);
    return {
      ...steps,
      ...changed,
      recover: (...which) => (isReading ? changed : steps).recover(...which),
    };
  });
  await using worker = workHere(engine, type);
  const reader = await eventually(
    async () => {
      const clients = String(await store.client("LIST")).split("\n");
      return clients.find((one) => one.includes(` name=${namespace}:reader `) && one.includes(" cmd=xreadgroup "));
    },
    { deadlineMs, awaited: "the worker to read" },
  );
  isReading = true;
  await store.client("KILL", "ID", Number(/^id=(\d+) /.exec(reader)?.[1]));
  await looking.promise;
  await engine.producer(type).enqueue([{ payload: "left" }]);
  await store.xreadgroup("GROUP", group, "ghost", "STREAMS", keysOf(namespace, "job").jobs, ">");
  await then(engine, worker);
}

test("what was taken from the dead, and is found and done before the answer to that comes, is started once", async () => {
  const taken = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await withLeftBehind(
    "late-answer",
    (steps, looking) => ({
      async recover(...which) {
        looking();
        await taken.promise;
        return steps.recover(...which);
      },
      async claim(...which) {
        const claimed = await steps.claim(...which);
        if (claimed === undefined || claimed.entries.length === 0) return claimed;
        taken.resolve();
        await answered.promise;
        return claimed;
      },
    }),
    async (engine, worker) => {
      await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job to be found and done" });
      answered.resolve();
      await engine.producer(type).enqueue([{ payload: "next" }]);
      await eventually(() => worker.settlements.length > 1, { deadlineMs, awaited: "the next job" });
      await worker.stop();
      expect(worker.starts).toEqual(["left 1", "next 1"]);
    },
  );
});

test("what was taken from the dead without an answer, while the worker looked for such, is looked for again", async () => {
  const unanswered = Promise.withResolvers<void>();
  await withLeftBehind(
    "no-answer",
    (steps, looking) => ({
      async recover(...which) {
        const found = await steps.recover(...which);
        looking();
        await unanswered.promise;
        return found;
      },
      async claim(...which) {
        const claimed = await steps.claim(...which);
        if (claimed === undefined || claimed.entries.length === 0) return claimed;
        setImmediate(unanswered.resolve);
        return undefined;
      },
      owned: () => new Promise(() => {}), // so it is not the audit that finds it
    }),
    async (_, worker) => {
      await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job to be found and done" });
      await worker.stop();
      expect(worker.starts).toEqual(["left 1"]);
    },
  );
});
