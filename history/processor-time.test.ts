import { expect, test } from "vitest";
import { addProcessorTime, type ProcessorTime } from "./processor-time.ts";

test("keeps about one sample a second, and none where nothing was recorded", () => {
  const time: ProcessorTime = { at: [], micros: [] };
  addProcessorTime(time, -1e9, 0);
  for (let tick = 0; tick <= 30; tick++) addProcessorTime(time, tick * 0.1e9, 1_000 + tick);
  expect(time).toEqual({ at: [0, 1e9, 2e9, 3e9], micros: [1_000, 1_010, 1_020, 1_030] });
});
