import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { monotonic } from "../std/clock.ts";
import { capacityOf } from "./capacity.ts";
import { gateOf } from "./poison/gate.ts";
import type { Sharer } from "./sharers.ts";

interface Fake extends Sharer {
  waiting: number;
  reclaimed: number;
  may: boolean;
  isUrgent: boolean;
  started: number;
  woken: number;
}

/** Handlers that never end; a member that takes what it is given. */
function floor(handlers: number, weights: readonly number[], runMs = 1) {
  let busy = 0;
  const slots = {
    size: handlers,
    get free() {
      return handlers - busy;
    },
    onFree: () => {},
  };
  const gate = gateOf(monotonic);
  const capacity = capacityOf(slots, { runMs }, weights.length > 1, { gate, time: monotonic });
  const members = weights.map((weight): Fake => {
    const member: Fake = {
      weight,
      waiting: 0,
      reclaimed: 0,
      may: true,
      isUrgent: false,
      started: 0,
      woken: 0,
      get size() {
        return member.waiting + member.started;
      },
      mayStart: () => member.may,
      start() {
        member.waiting--;
        member.reclaimed = Math.max(0, member.reclaimed - 1);
        member.started++;
        busy++;
      },
    };
    return member;
  });
  const joined = members.map((member) => {
    const share = capacity.join(member);
    share.onFree(() => member.woken++);
    return share;
  });
  const at = (index: number) => {
    const [member, share] = [members[index], joined[index]];
    if (member === undefined || share === undefined) throw new RangeError(`no member ${index}`);
    return { member, share };
  };
  return {
    at,
    gate,
    pump: capacity.pump,
    free: (count: number) => {
      busy -= count;
    },
  };
}

// How far is read ahead follows from the starts in the time that passed.
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("alone, one may read as many as there are free handlers, and takes from the dead what it can start before all that waits", () => {
  const { at, pump } = floor(10, [1]);
  const { member, share } = at(0);
  expect(share.take()).toBe(10);
  expect(share.take()).toBe(10); // a read that waits at the broker keeps nobody from anything
  member.waiting = 4;
  expect(share.free).toBe(10);
  member.reclaimed = 4;
  expect(share.free).toBe(6);
  pump();
  expect(member.started).toBe(4);
  expect(share.take()).toBe(6);
});

test("of jobs that are short some more are read than can start at once, of long ones and of unknown ones none", () => {
  for (const [runMs, ahead] of [
    [1, true],
    [60_000, false],
    [Infinity, false],
  ] as const) {
    const { at, pump } = floor(10, [1], runMs);
    const { member, share } = at(0);
    member.waiting = share.take();
    pump();
    vi.advanceTimersByTime(25);
    expect(share.take() > 0).toBe(ahead);
  }
});

test("several share what is free by their weights, and who comes back with empty hands leaves its share to the others", () => {
  const { at } = floor(12, [3, 1]);
  const [high, low] = [at(0), at(1)];
  high.share.giveBack((high.member.waiting = high.share.take()));
  expect(high.member.waiting).toBe(12); // nobody else has asked yet
  high.member.waiting = 0;
  expect(low.share.take()).toBe(3);
  low.share.giveBack(0);
  expect(high.share.take()).toBe(12);
});

test("starts go by the weights, whoever read first", () => {
  const { at, pump, free } = floor(8, [3, 1]);
  const [high, low] = [at(0), at(1)];
  low.member.waiting = 100;
  high.member.waiting = 100;
  for (let round = 0; round < 10; round++) {
    pump();
    free(8);
  }
  expect([high.member.started, low.member.started]).toEqual([60, 20]);
});

test("who cannot start anything, since its broker is away, keeps no share from the others", () => {
  const { at, pump } = floor(4, [1, 1]);
  const [away, there] = [at(0), at(1)];
  away.member.waiting = 100;
  away.member.may = false;
  expect(there.share.free).toBe(4);
  expect(there.share.take()).toBe(4);
  there.share.giveBack((there.member.waiting = 4));
  pump();
  expect([away.member.started, there.member.started]).toEqual([0, 4]);
});

test("where there is work of the dead, nobody else reads anything new, unless it cannot be taken over", () => {
  const { at } = floor(4, [1, 8]);
  const [heir, other] = [at(0), at(1)];
  heir.member.isUrgent = true;
  expect(other.share.take()).toBe(0);
  expect(heir.share.free).toBe(4);
  heir.member.may = false;
  expect(other.share.take()).toBe(4);
  other.share.giveBack(0);
  heir.member.may = true;
  heir.member.isUrgent = false;
  expect(other.share.take()).toBe(4);
});

test("a hand that is free waits for what the dead held, and goes to nothing that was read", () => {
  const { at, pump, free } = floor(4, [1, 8]);
  const [heir, other] = [at(0), at(1)];
  heir.member.isUrgent = true;
  heir.member.waiting = 3;
  other.member.waiting = 3;
  pump();
  expect([heir.member.started, other.member.started]).toEqual([0, 0]);
  expect([heir.member.woken, other.member.woken]).toEqual([1, 1]); // to take it over
  heir.member.waiting += 2;
  heir.member.reclaimed = 2;
  pump();
  expect([heir.member.started, other.member.started, heir.share.free]).toEqual([2, 0, 2]);
  heir.member.isUrgent = false;
  pump();
  free(4);
  pump();
  expect([heir.member.started, other.member.started]).toEqual([5, 3]);
});

test("shares of a read that is not answered go to the others after a while", () => {
  const { at } = floor(4, [1, 1]);
  const [silent, other] = [at(0), at(1)];
  expect(silent.share.take()).toBe(4);
  expect(other.share.take()).toBe(0);
  expect(other.member.woken).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(other.member.woken).toBe(1);
  expect(other.share.take()).toBe(4);
});

test("who leaves gives back what it had", () => {
  const { at } = floor(4, [1, 1]);
  const [gone, other] = [at(0), at(1)];
  expect(gone.share.take()).toBe(4);
  gone.share.leave();
  expect(other.share.take()).toBe(4);
});

test("behind a closed door nobody takes anything", async () => {
  const { at, gate } = floor(10, [1]);
  const deed = Promise.withResolvers<void>();
  const isolated = gate.isolate(
    60_000,
    async () => true,
    () => deed.promise,
  );
  await vi.advanceTimersByTimeAsync(0);
  expect([at(0).share.take(), at(0).share.free]).toEqual([0, 0]);
  deed.resolve();
  await isolated;
  expect([at(0).share.take(), at(0).share.free]).toEqual([10, 10]);
});
