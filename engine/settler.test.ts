/** What a settler makes of the broker's answers. */
import { expect, test } from "vitest";
import { settlerOf } from "./settler.ts";
import type { Settling, Verdict } from "./settlement.ts";

const done = (entry: string): Verdict => ({ as: "done", held: { entry, deliveries: 1, meta: "id", payload: "" } });
const retry = (entry: string): Verdict => ({ ...done(entry), as: "retry", delayMs: 1, member: "" });
const marks = (text: string, pruned = false): Settling => ({
  kind: "marks",
  marks: Array.from(text, (mark) => mark === "1"),
  pruned,
});
const unanswered: Settling = { kind: "unanswered", message: "lost" };
const notDone: Settling = { kind: "not-done", message: "NOGROUP" };

async function settle(
  verdicts: readonly Verdict[],
  answers: readonly Settling[],
  giveUp = false,
): Promise<{ readonly fates: readonly string[]; readonly sent: readonly string[] }> {
  const left = [...answers];
  const fates: string[] = [];
  const sent: string[] = [];
  const settler = settlerOf(
    "c",
    {
      async settle(_consumer, batch, batched) {
        sent.push(`${batch}: ${batched.map(({ held }) => held.entry).join(" ")}`);
        if (left.length === 1 && giveUp) settler.giveUp();
        return left.shift() ?? notDone;
      },
    },
    { told: ({ held }, fate) => fates.push(`${held.entry} ${fate}`), patience: async () => {} },
  );
  for (const verdict of verdicts) settler.add(verdict);
  await settler.idle();
  return { fates, sent };
}

test("what came together is one batch, ordered by kind, and each job gets its own mark", async () => {
  const { fates, sent } = await settle([done("a"), retry("b"), done("c")], [marks("101")]);
  expect(sent).toEqual(["1: a c b"]);
  expect(fates).toEqual(["a accepted", "c refused", "b accepted"]);
});

test("more than a batch is several, each with its number", async () => {
  const verdicts = Array.from({ length: 600 }, (_, n) => done(String(n)));
  const { fates, sent } = await settle(verdicts, [
    marks("1".repeat(250)),
    marks("1".repeat(250)),
    marks("1".repeat(100)),
  ]);
  expect(sent.map((line) => line.split(":")[0])).toEqual(["1", "2", "3"]);
  expect(fates).toEqual(verdicts.map(({ held }) => `${held.entry} accepted`));
});

test("a batch is sent again under its number until it is answered", async () => {
  const { fates, sent } = await settle([done("a")], [unanswered, notDone, unanswered, marks("1")]);
  expect(sent).toEqual(["1: a", "1: a", "1: a", "1: a"]);
  expect(fates).toEqual(["a accepted"]);
});

test("a refusal counts, unless it may be the echo of a send that was accepted", async () => {
  expect((await settle([done("a")], [marks("0")])).fates).toEqual(["a refused"]);
  expect((await settle([done("a")], [marks("0", true)])).fates).toEqual(["a refused"]);
  expect((await settle([done("a")], [unanswered, marks("0")])).fates).toEqual(["a refused"]);
  expect((await settle([done("a")], [unanswered, marks("0", true)])).fates).toEqual(["a unknown"]);
  expect((await settle([done("a")], [unanswered, { kind: "stale" }])).fates).toEqual(["a unknown"]);
});

test("what is given up is unknown", async () => {
  expect((await settle([done("a")], [unanswered, notDone], true)).fates).toEqual(["a unknown"]);
});

test("large jobs are fewer to a batch, unless they are done: those go without their payloads", async () => {
  const payload = "x".repeat(6 * 2 ** 20);
  const large = (verdict: Verdict): Verdict => ({ ...verdict, held: { ...verdict.held, payload } });
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
