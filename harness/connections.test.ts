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

test("bytes add up over connections that come and go, by what each carried since the look before", () => {
  const bytes = (...told: readonly (readonly [port: number, sent: number, received: number])[]) =>
    new Map(told.map(([port, sent, received]) => [String(port), { sent, received }]));
  const links = (...ports: readonly number[]) => ({ ways: ["127.0.0.1:20001"], links: { commands: ports.map(to) } });
  const first = withLook(
    undefined,
    traffic({ ...links(1, 2), elsewhere: [to(5432)] }),
    bytes([1, 10, 20], [5432, 1, 2]),
  );
  expect(first.bytes).toEqual({ sent: 10, received: 20, elsewhere: 3 });
  const second = withLook(
    first,
    traffic({ ...links(1, 2), elsewhere: [to(5432)] }),
    bytes([1, 15, 20], [2, 3, 4], [5432, 5, 5]),
  );
  expect(second.bytes).toEqual({ sent: 18, received: 24, elsewhere: 10 });
  // One has ended before it was counted, another has begun; what is a stranger's counts nothing.
  const third = withLook(second, traffic(links(2, 3)), bytes([3, 100, 100], [9, 7, 7]));
  expect(third.bytes).toEqual({ sent: 118, received: 124, elsewhere: 10 });
  expect(withLook(third, traffic(links(3))).bytes).toBeUndefined();
});
