/** A missed threshold fails a run by its own name, and a held one is told beside the promises. */
import { expect, test } from "vitest";
import { summary } from "../reports/terminal.ts";
import { measures } from "../measures/index.ts";
import type { Result } from "../reports/contract.ts";
import { resultSchema } from "../reports/result-schema.ts";
import { html } from "../reports/html/index.ts";
import { taking, ten } from "../history/testing/paced-history.ts";
import { sampleResult } from "../reports/testing/sample-result.ts";
import { askedOf, judgeAsked } from "./thresholds.ts";
import { overall } from "./verdict.ts";

const asked = (...thresholds: readonly string[]) =>
  judgeAsked(
    taking(ten).run.ledger(),
    askedOf(thresholds, [], measures, { priorities: [], hasFaults: false }),
    measures,
  );

const promises = sampleResult("pass").guarantees;

const resultOf = (...thresholds: readonly string[]): Result => {
  const guarantees = [...promises, ...asked(...thresholds)];
  return { ...sampleResult("pass"), ...overall(guarantees), guarantees };
};

test("a missed one fails the run, and breaks no promise", () => {
  const { verdict, sentence, reasons } = resultOf("max(end-to-end) < 500ms", "med(wait) < 1s");
  expect(verdict).toBe("fail");
  expect(sentence).toBe("The queue missed a threshold: max(end-to-end) < 500ms.");
  expect(reasons[0]).toBe("max(end-to-end) < 500ms: it was 900 ms. Job 9 took 900 ms.");
});

test("held ones are counted, and what was not measured is unknown", () => {
  expect(resultOf("max(end-to-end) < 1s", "med(wait) < 1s")).toMatchObject({
    verdict: "pass",
    sentence: expect.stringMatching(/It was as fast as all 2 thresholds asked for\.$/),
  });
  expect(resultOf("max(end-to-end) < 1s", "max(recovery-time) < 1s")).toMatchObject({
    verdict: "unknown",
    reasons: [expect.stringContaining("max(recovery-time) < 1s: not measured")],
  });
});

test("reports show what it was, and where", () => {
  const result = resultOf("max(end-to-end) < 500ms", "med(wait) < 1s");
  expect(resultSchema.parse(result)).toBeDefined();
  expect(summary(result, { colour: false, width: 100 })).toMatch(
    /✖ max\(end-to-end\) < 500ms +900 ms {2}missed\n✔ med\(wait\) < 1s/,
  );
  const page = html.render(result);
  expect(page).toContain('id="guarantee-max-end-to-end-below-500ms"');
  expect(page).toContain('href="#guarantee-max-end-to-end-below-500ms"');
  expect(page).toMatch(/href="#timeline"\s+data-from="[\d.-]+"\s+data-to="[\d.-]+"\s+data-name="this time"/);
});

test("each is asked for once, and ends the run where anybody wants it to", () => {
  const all = askedOf(
    ["max(wait)<1s", { threshold: "med(wait) < 1s", endsRunEarly: true }],
    ["max(wait) < 1s else end"],
    measures,
    { priorities: [], hasFaults: false },
  );
  expect(all).toEqual([
    { text: "max(wait) < 1s", endsRun: true, askedBy: "scenario" },
    { text: "med(wait) < 1s", endsRun: true, askedBy: "scenario" },
  ]);
});
