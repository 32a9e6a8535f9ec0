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
  const capacity = capacityOf(slots, { runMs }, weights.length > 1, gate, monotonic);
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
    const seat = capacity.join(member);
    seat.onFree(() => member.woken++);
    return seat;
  });
  const at = (index: number) => {
    const [member, seat] = [members[index], joined[index]];
    if (member === undefined || seat === undefined) throw new RangeError(`no member ${index}`);
    return { member, seat };
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
  const { member, seat } = at(0);
  expect(seat.take()).toBe(10);
  expect(seat.take()).toBe(10); // a read that waits at the broker keeps nobody from anything
  member.waiting = 4;
  expect(seat.free).toBe(10);
  member.reclaimed = 4;
  expect(seat.free).toBe(6);
  pump();
  expect(member.started).toBe(4);
  expect(seat.take()).toBe(6);
});

test("of jobs that are short some more are read than can start at once, of long ones and of unknown ones none", () => {
  for (const [runMs, ahead] of [
    [1, true],
    [60_000, false],
    [Infinity, false],
  ] as const) {
    const { at, pump } = floor(10, [1], runMs);
    const { member, seat } = at(0);
    member.waiting = seat.take();
    pump();
    vi.advanceTimersByTime(25);
    expect(seat.take() > 0).toBe(ahead);
  }
});

test("several share what is free by their weights, and who comes back with empty hands leaves its share to the others", () => {
  const { at } = floor(12, [3, 1]);
  const [high, low] = [at(0), at(1)];
  high.seat.giveBack((high.member.waiting = high.seat.take()));
  expect(high.member.waiting).toBe(12); // nobody else has asked yet
  high.member.waiting = 0;
  expect(low.seat.take()).toBe(3);
  low.seat.giveBack(0);
  expect(high.seat.take()).toBe(12);
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

test("who cannot start anything, since its broker is away, keeps no seat from the others", () => {
  const { at, pump } = floor(4, [1, 1]);
  const [away, there] = [at(0), at(1)];
  away.member.waiting = 100;
  away.member.may = false;
  expect(there.seat.free).toBe(4);
  expect(there.seat.take()).toBe(4);
  there.seat.giveBack((there.member.waiting = 4));
  pump();
  expect([away.member.started, there.member.started]).toEqual([0, 4]);
});

test("where there is work of the dead, nobody else reads anything new, unless it cannot be taken over", () => {
  const { at } = floor(4, [1, 8]);
  const [heir, other] = [at(0), at(1)];
  heir.member.isUrgent = true;
  expect(other.seat.take()).toBe(0);
  expect(heir.seat.free).toBe(4);
  heir.member.may = false;
  expect(other.seat.take()).toBe(4);
  other.seat.giveBack(0);
  heir.member.may = true;
  heir.member.isUrgent = false;
  expect(other.seat.take()).toBe(4);
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
  expect([heir.member.started, other.member.started, heir.seat.free]).toEqual([2, 0, 2]);
  heir.member.isUrgent = false;
  pump();
  free(4);
  pump();
  expect([heir.member.started, other.member.started]).toEqual([5, 3]);
});

test("seats of a read that is not answered go to the others after a while", () => {
  const { at } = floor(4, [1, 1]);
  const [silent, other] = [at(0), at(1)];
  expect(silent.seat.take()).toBe(4);
  expect(other.seat.take()).toBe(0);
  expect(other.member.woken).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(other.member.woken).toBe(1);
  expect(other.seat.take()).toBe(4);
});

test("who leaves gives back what it had", () => {
  const { at } = floor(4, [1, 1]);
  const [gone, other] = [at(0), at(1)];
  expect(gone.seat.take()).toBe(4);
  gone.seat.leave();
  expect(other.seat.take()).toBe(4);
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
  expect([at(0).seat.take(), at(0).seat.free]).toEqual([0, 0]);
  deed.resolve();
  await isolated;
  expect([at(0).seat.take(), at(0).seat.free]).toEqual([10, 10]);
});
