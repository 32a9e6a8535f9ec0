/**
 * The whole path on real parts: the engine keeps its promises under every fault, and two broken engines are found out.
 */
import { expect, test } from "vitest";
import { resultSchema } from "../reports/result-schema.ts";
import { aliveOf, readResult, temporaryRuns, trial, whitewater } from "../cli/testing/whitewater.ts";

interface Case {
  readonly system: string;
  readonly code: number;
  /** The one guarantee that must be red; none for the clean engine. */
  readonly red?: string;
}

const cases: readonly Case[] = [
  { system: "stream", code: 0 },
  { system: "stream-cluster", code: 0 },
  { system: "ack-before-processing", code: 1, red: "no-acked-loss" },
  { system: "no-reclaim", code: 1, red: "recovery-bound" },
];

for (const { system, code, red } of cases) {
  test(
    `${system}: ${red === undefined ? "keeps all promises" : `is failed by ${red}, and by nothing else`}`,
    { timeout: 900_000 },
    async () => {
      using runs = temporaryRuns();
      const ended = await whitewater([
        "run",
        "trial",
        "--config",
        trial,
        "--system",
        system,
        "--seed",
        "whole-path",
        // On a machine that is too busy for its faults to come in time nobody can know, and a failure is never run
        // again.
        "--retry-unknown",
        "3",
        "--runs",
        runs.path,
      ]).ended;
      expect(ended.code, ended.output).toBe(code);
      const result = resultSchema.parse(readResult(runs.newest()));
      // What an engine is about to run, and has acknowledged, it no longer counts: the same bug, seen by its depth.
      const same = red === "no-acked-loss" ? ["metrics-truthful"] : [];
      const failed = result.guarantees.filter(({ verdict }) => verdict === "fail").map(({ name }) => name);
      expect(failed.filter((name) => !same.includes(name))).toEqual(red === undefined ? [] : [red]);
      expect(result.incidents.map(({ bit, healed }) => [bit?.proven, healed?.proven])).toEqual(
        result.incidents.map(() => [true, true]),
      );
      expect(result.incidents).toHaveLength(6);
      expect(aliveOf(runs.newest())).toEqual([]);

      const again = await whitewater(["recheck", runs.newest(), "--config", trial]).ended;
      expect(again.code, again.output).toBe(code);
      expect(resultSchema.parse(readResult(runs.newest())).guarantees).toEqual(result.guarantees);
      if (system === "stream") await expectThresholds(runs.newest());
    },
  );
}

/**
 * Of a run that kept its promises: one that it held, one that it missed, and the latter with its place on the timeline.
 */
async function expectThresholds(run: string): Promise<void> {
  const [held, missed] = ["max(end-to-end) < 10min", "p50(end-to-end) < 0.001ms"];
  const judged = async (threshold: string): Promise<number | null> =>
    (await whitewater(["recheck", run, "--config", trial, "--threshold", threshold]).ended).code;
  expect(await judged(held)).toBe(0);
  expect(await judged(missed)).toBe(1);
  const failed = resultSchema.parse(readResult(run)).guarantees.find(({ verdict }) => verdict === "fail");
  const happened: unknown = expect.objectContaining({
    job: expect.any(Number),
    life: expect.arrayContaining([expect.anything()]),
  });
  expect(failed).toMatchObject({
    threshold: { said: expect.any(String) },
    examples: expect.arrayContaining([happened]),
  });
}
