import { expect, test } from "vitest";
import { z } from "zod";
import { settingsOf } from "./settings.ts";

const options = z.strictObject({
  leaseMs: z.int().default(5000),
  name: z.string().default("jobs"),
  queue: z.strictObject({ retries: z.int(), tags: z.array(z.string()).default([]) }).optional(),
});
const settings = (set: readonly string[], profile: unknown = {}): unknown =>
  settingsOf({ options }, "orders", profile, set);

test("what is said of one stands over the profile, the last word over the one before", () => {
  expect(settings(["leaseMs=2000"], { leaseMs: 1000, name: "mail" })).toEqual({ leaseMs: 2000, name: "mail" });
  expect(settings(["leaseMs=2000", "leaseMs=3000"])).toMatchObject({ leaseMs: 3000 });
});

test("a value is JSON where it is, text where it is not, and a dot leads into a group", () => {
  expect(settings(["name=a=b c", 'queue.tags=["x"]', "queue.retries=3"])).toMatchObject({
    name: "a=b c",
    queue: { tags: ["x"], retries: 3 },
  });
  expect(settings(['name="12"'])).toMatchObject({ name: "12" });
});

test.each([
  [
    ["lease=2000"],
    /--set lease=2000 are not what the options of system "orders" take \(leaseMs, name, queue\):\n.*lease/s,
  ],
  [["leaseMs=soon"], /expected .*\n.*leaseMs/s],
  [["leaseMs"], /--set takes NAME=VALUE, such as leaseMs=2000, not "leaseMs"/],
  [["=3"], /--set takes NAME=VALUE/],
  [["__proto__.leaseMs=3"], /__proto__/],
])("%j is refused by name", (set, says) => {
  expect(() => settings(set)).toThrow(says);
  expect(settings([])).toEqual({ leaseMs: 5000, name: "jobs" });
});
