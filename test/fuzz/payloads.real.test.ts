import { expect, test } from "vitest";
import { payloads } from "./payloads.ts";

test("whatever a user's code throws or hands over, the worker lives, each job has its story and its neighbour is done once", async () => {
  expect(await payloads.run("ci", 1000)).toEqual({ cases: 1000, mishandled: [] });
});
