import { expect, test } from "vitest";
import { jobsMost } from "../scenarios/schema.ts";
import { tooManyToJudge } from "./judging-room.ts";

test("ten million jobs are judged in 512 MiB, and a run is refused that no memory of this machine is for", () => {
  expect(tooManyToJudge(10_000_000, 512 << 20)).toBeUndefined();
  expect(tooManyToJudge(50_000_000, 512 << 20)).toBe(
    "50000000 jobs take 1,972 MiB of memory to be judged, and here are 512 MiB",
  );
  expect(tooManyToJudge(jobsMost, 64 * 2 ** 30)).toBeUndefined();
  expect(tooManyToJudge(1e9, 64 * 2 ** 30)).toContain("are more than 100000000");
});
