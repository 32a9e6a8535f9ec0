/** What a settler makes of the broker's answers. */
import { expect, test } from "vitest";
import type { SettleAnswer, SettlementRequest } from "../redis/settlement.ts";
import { settlerOf } from "./settler.ts";

const done = (entry: string): SettlementRequest => ({
  as: "done",
  held: { entry, deliveries: 1, meta: "id", payload: "" },
});
const retry = (entry: string): SettlementRequest => ({ ...done(entry), as: "retry", delayMs: 1, member: "" });
const marks = (text: string, pruned = false): SettleAnswer => ({
  kind: "marks",
  marks: Array.from(text, (mark) => mark === "1"),
  pruned,
});
const unanswered: SettleAnswer = { kind: "unanswered", message: "lost" };
const notDone: SettleAnswer = { kind: "not-done", message: "NOGROUP" };

async function settle(
  requests: readonly SettlementRequest[],
  answers: readonly SettleAnswer[],
  giveUp = false,
): Promise<{ readonly results: readonly string[]; readonly sent: readonly string[] }> {
  const left = [...answers];
  const results: string[] = [];
  const dropped: string[] = [];
  const sent: string[] = [];
  const settler = settlerOf(
    {
      name: "c",
      steps: {
        async settle(_consumer, batch, batched) {
          sent.push(`${batch}: ${batched.map(({ held }) => held.entry).join(" ")}`);
          if (left.length === 1 && giveUp) settler.giveUp();
          return left.shift() ?? notDone;
        },
      },
      patience: async () => {},
    },
    { drop: (entry) => void dropped.push(entry) },
    ({ held }, result) => {
      expect(dropped).toContain(held.entry);
      results.push(`${held.entry} ${result}`);
    },
  );
  for (const request of requests) settler.add(request);
  await settler.idle();
  return { results, sent };
}

test("what came together is one batch, ordered by kind, and each job gets its own mark", async () => {
  const { results, sent } = await settle([done("a"), retry("b"), done("c")], [marks("101")]);
  expect(sent).toEqual(["1: a c b"]);
  expect(results).toEqual(["a accepted", "c refused", "b accepted"]);
});

test("more than a batch is several, each with its number", async () => {
  const requests = Array.from({ length: 600 }, (_, n) => done(String(n)));
  const { results, sent } = await settle(requests, [
    marks("1".repeat(250)),
    marks("1".repeat(250)),
    marks("1".repeat(100)),
  ]);
  expect(sent.map((line) => line.split(":")[0])).toEqual(["1", "2", "3"]);
  expect(results).toEqual(requests.map(({ held }) => `${held.entry} accepted`));
});

test("a batch is sent again under its number until it is answered", async () => {
  const { results, sent } = await settle([done("a")], [unanswered, notDone, unanswered, marks("1")]);
  expect(sent).toEqual(["1: a", "1: a", "1: a", "1: a"]);
  expect(results).toEqual(["a accepted"]);
});

test("a refusal counts, unless it may be the echo of a send that was accepted", async () => {
  expect((await settle([done("a")], [marks("0")])).results).toEqual(["a refused"]);
  expect((await settle([done("a")], [marks("0", true)])).results).toEqual(["a refused"]);
  expect((await settle([done("a")], [unanswered, marks("0")])).results).toEqual(["a refused"]);
  expect((await settle([done("a")], [unanswered, marks("0", true)])).results).toEqual(["a unknown"]);
  expect((await settle([done("a")], [unanswered, { kind: "stale" }])).results).toEqual(["a unknown"]);
});

test("what is given up is unknown", async () => {
  expect((await settle([done("a")], [unanswered, notDone], true)).results).toEqual(["a unknown"]);
});

test("large jobs are fewer to a batch, unless they are done: those go without their payloads", async () => {
  const payload = "x".repeat(6 * 2 ** 20);
  const large = (request: SettlementRequest): SettlementRequest => ({ ...request, held: { ...request.held, payload } });
  const failed = await settle(
    ["a", "b", "c", "d", "e"].map((entry) => large(retry(entry))),
    [marks("11"), marks("11"), marks("1")],
  );
  expect(failed.sent).toEqual(["1: a b", "2: c d", "3: e"]);
  const well = await settle(
    ["a", "b", "c", "d", "e"].map((entry) => large(done(entry))),
    [marks("11111")],
  );
  expect(well.sent).toEqual(["1: a b c d e"]);
});
