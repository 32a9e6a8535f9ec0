/** What trouble of the run's own parts may explain, and what it may not. */
import { expect, test } from "vitest";
import { history } from "../history/testing/history.ts";
import type { Verdict } from "./contract.ts";
import { findings } from "./findings.ts";

const looked = { exposed: 1, counts: {}, missing: undefined };

/** Of one violation that was complete then, in a run whose store was last seen well at 5 s and 7 s. */
function judged(at: number | undefined): Verdict {
  const run = history().at(8000);
  run.trouble("proxy", "the proxy hung", 7000).trouble("store", "the store was killed", 5000);
  const found = findings(run.ledger());
  found.violation({ kind: "bad", job: 0, at, what: () => "It was bad." });
  return found.verdict(looked);
}

test("what was complete before the first trouble can have begun is a violation all the same", () => {
  expect(judged(4.9e9)).toMatchObject({ verdict: "fail", violations: 1 });
  expect(judged(5e9)).toMatchObject({ verdict: "fail", violations: 1 });
});

test("what was complete later, or is decided by the end of the run alone, may have come of it", () => {
  const reason = "the store was killed, which may explain what was found";
  expect(judged(5.1e9)).toEqual({ verdict: "unknown", reason, counts: { unsure: 1 } });
  expect(judged(undefined)).toEqual({ verdict: "unknown", reason, counts: { unsure: 1 } });
});

test("one that was complete in time fails, however many were not", () => {
  const found = findings(history().at(8000).trouble("disk", "the disk was full", 5000).ledger());
  for (const at of [undefined, 6e9, 4e9]) found.violation({ kind: "bad", job: 0, at, what: () => "It was bad." });
  expect(found.verdict(looked)).toMatchObject({ verdict: "fail", violations: 1, counts: { bad: 1, unsure: 2 } });
});
