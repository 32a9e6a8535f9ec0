import { expect, test } from "vitest";
import type { Flow, Traffic } from "../chaos/contract.ts";
import { withLook } from "./connections.ts";

const to = (port: number): Flow => ({ inode: String(port), remote: `127.0.0.1:${port}` });
const traffic = (of: Partial<Traffic>): Traffic => ({
  slot: "worker:3",
  stopped: false,
  ways: [],
  links: {},
  direct: [],
  strange: [],
  elsewhere: [],
  ...of,
});

test("looks add up, and addresses are kept once each, as many as anybody reads", () => {
  const first = withLook(undefined, traffic({ elsewhere: [to(5432), to(5432)] }));
  expect(first).toMatchObject({ role: "worker", slot: 3, looks: 1, connected: 0, elsewhere: ["127.0.0.1:5432"] });
  const second = withLook(
    first,
    traffic({ direct: [to(6390)], elsewhere: Array.from({ length: 20 }, (_, n) => to(n)) }),
  );
  expect(second).toMatchObject({ looks: 2, connected: 1, past: [] });
  expect(second.elsewhere).toHaveLength(8);
});

test("straight to the store is the way of who has no links, and past those of who has some", () => {
  const links = { commands: [to(20_001)] };
  expect(withLook(undefined, traffic({ direct: [to(6390)] })).past).toEqual([]);
  expect(withLook(undefined, traffic({ strange: [to(20_003)] })).past).toEqual(["127.0.0.1:20003"]);
  expect(withLook(undefined, traffic({ ways: ["127.0.0.1:20001"], links, direct: [to(6390)] }))).toMatchObject({
    connected: 1,
    links: ["127.0.0.1:20001"],
    past: ["127.0.0.1:6390"],
  });
});
