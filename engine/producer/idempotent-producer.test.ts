/** What an idempotent producer makes of the broker's answers: every order of them that changes what is known. */
import { expect, test } from "vitest";
import type { Answer, Broker } from "../redis/broker.ts";
import { keysOf } from "../redis/keys.ts";
import { idempotentProducer, type Written } from "./idempotent-producer.ts";

const answer = (value: string): Answer => ({ kind: "answer", value });
const error = (code: string): Answer => ({ kind: "error", code, message: `${code} because` });
const lost: Answer = { kind: "unanswered", message: "lost" };
const notSent: Answer = { kind: "not-sent", message: "not connected" };

/** A broker that knows every producer id and answers the batches as told; then there are no more, and time is over. */
function scripted(answers: readonly Answer[]): {
  readonly broker: Broker;
  readonly sent: string[];
  readonly over: () => boolean;
} {
  const left = [...answers];
  const sent: string[] = [];
  const ids: unknown[] = [];
  const broker: Broker = {
    async command(name, _key, id) {
      if (name === "HSETNX") ids.push(id);
      return { kind: "answer", value: 1 };
    },
    async run(_script, _keys, [id, number]) {
      sent.push(`id ${ids.indexOf(id)} batch ${number}`);
      return left.shift() ?? notSent;
    },
    clientId: () => undefined,
    isReady: () => true,
    whenReady: () => Promise.resolve(),
    onReady: () => () => {},
    close: () => {},
  };
  return { broker, sent, over: () => left.length === 0 };
}

const cases: readonly (readonly [string, readonly Answer[], Written["outcome"], readonly string[]])[] = [
  ["written", [answer("ok")], "ok", ["id 0 batch 1"]],
  ["written by the send that was lost", [lost, answer("duplicate")], "ok", ["id 0 batch 1", "id 0 batch 1"]],
  ["never connected", [notSent, notSent], "refused", ["id 0 batch 1", "id 0 batch 1"]],
  ["refused at once", [error("OOM")], "refused", ["id 0 batch 1"]],
  ["a refusal that passes", [error("LOADING"), answer("ok")], "ok", ["id 0 batch 1", "id 0 batch 1"]],
  ["a refusal that did not pass", [error("LOADING"), notSent], "refused", ["id 0 batch 1", "id 0 batch 1"]],
  ["lost, then never answered", [lost, lost], "unknown", ["id 0 batch 1", "id 0 batch 1"]],
  ["lost, then refused: the first may yet arrive", [lost, error("OOM")], "unknown", ["id 0 batch 1", "id 0 batch 1"]],
  ["an error in the middle of the script", [error("ERR")], "unknown", ["id 0 batch 1"]],
  [
    "the broker went back in time",
    [lost, answer("gap"), answer("ok")],
    "ok",
    ["id 0 batch 1", "id 0 batch 1", "id 1 batch 1"],
  ],
  ["the id is gone, nothing was sent before", [answer("absent"), answer("ok")], "ok", ["id 0 batch 1", "id 1 batch 1"]],
  ["the id is gone, and with it the answer", [lost, answer("absent")], "unknown", ["id 0 batch 1", "id 0 batch 1"]],
];

for (const [name, answers, outcome, sends] of cases) {
  test(`${name}: ${outcome}`, async () => {
    const { broker, sent, over } = scripted(answers);
    const written = await idempotentProducer(broker, keysOf("n", "t"), undefined).write(
      [{ payload: "payload" }],
      over,
      async () => {},
    );
    expect(written.outcome).toBe(outcome);
    expect(sent).toEqual(sends);
  });
}

test("a number whose batch is in doubt is never used again, one that was refused is", async () => {
  const { broker, sent } = scripted([answer("ok"), error("OOM"), answer("ok"), lost, notSent, answer("ok")]);
  const producer = idempotentProducer(broker, keysOf("n", "t"), undefined);
  const write = (over: () => boolean): Promise<Written> =>
    producer.write([{ payload: "payload" }], over, async () => {});
  const outcomes = [];
  for (const over of [false, false, false, true, true, false]) outcomes.push((await write(() => over)).outcome);
  expect(outcomes).toEqual(["ok", "refused", "ok", "unknown", "refused", "ok"]);
  expect(sent).toEqual([
    "id 0 batch 1",
    "id 0 batch 2",
    "id 0 batch 2",
    "id 0 batch 3",
    "id 1 batch 1",
    "id 1 batch 1",
  ]);
});
