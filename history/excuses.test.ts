import { expect, test } from "vitest";
import { history, type History } from "./testing/history.ts";
import { boundsOf } from "./bounds.ts";
import { excusesOf, mayBeStale, settledUntold, type Holding } from "./excuses.ts";
import type { Ledger } from "./ledger.ts";

/** Process 1 has a job since 1 s; process 2 may start it again. Leases of 5 s, given away after 4 s at the soonest. */
const holding = (more: Partial<Holding> = {}): Holding => ({
  start: { at: 1e9, incarnation: 1 },
  availableAt: 0.9e9,
  settledAt: undefined,
  again: false,
  ...more,
});
const excuses = (ledger: Ledger, at: number, more: Partial<Holding> = {}, incarnation = 2) =>
  excusesOf(ledger, holding(more), { at: at * 1e9, incarnation });

function workers(meanwhile: (run: History) => void, facts: Parameters<typeof history>[0] = {}): Ledger {
  const run = history(facts);
  run.process("worker");
  run.process("worker", { slot: 1 });
  meanwhile(run);
  return run.at(120_000).ledger();
}
const paused =
  (slot: number, ...spans: readonly (readonly [number, number])[]) =>
  (run: History) => {
    for (const [from, to] of spans) {
      const pause = run
        .at(from * 1000)
        .fault("pause", { effect: "paused", touches: [`worker:${slot}`] })
        .armed();
      run.at(to * 1000);
      pause.bit().healed();
    }
  };
const cut = (slot: number, from: number, to: number) => (run: History) => {
  const one = run
    .at(from * 1000)
    .fault("cut", { effect: "cut-off", touches: [`link:worker:${slot}`] })
    .armed();
  run.at(to * 1000);
  one.bit().healed();
};

test("nothing happened, nothing is excused", () => {
  expect(
    excuses(
      workers(() => {}),
      5,
    ),
  ).toEqual([]);
});

test("a silence counts with its reconnection where the connection broke, and without where it did not", () => {
  // 3.2 s of it and 1 s to connect again are more than 4 s.
  expect(excuses(workers(cut(0, 2, 5.2)), 6.5)).toEqual(["cut-off"]);
  expect(excuses(workers(paused(0, [2, 5.2])), 6.5)).toEqual([]);
});

test("two hits with no more than a reconnection between them are one silence, others are not", () => {
  const both = (second: number) =>
    workers((run) => {
      cut(0, 2, 4)(run);
      cut(0, second, second + 2)(run);
    });
  expect(excuses(both(4.8), 7)).toEqual(["cut-off"]);
  expect(excuses(both(8), 11)).toEqual([]);
});

test("who was hit before it had the job, and after it was settled, had nothing to lose", () => {
  expect(excuses(workers(paused(0, [-30, -20])), 5)).toEqual([]);
  expect(excuses(workers(paused(0, [2, 9])), 7, { settledAt: 1.5e9 })).toEqual([]);
});

test("what is received before the silence may be started after it, by its holder as well", () => {
  // It fell silent before it started what it had read.
  expect(excuses(workers(paused(0, [0.5, 7])), 6)).toEqual(["paused"]);
});

test("a death is judged by the silence that it ended, and has no end of its own", () => {
  const ledger = workers((run) => {
    paused(0, [2, 4])(run);
    run
      .at(4_000)
      .fault("kill", { effect: "killed", touches: ["worker:0"] })
      .armed()
      .bit()
      .healed();
  });
  expect(excuses(ledger, 6.5)).toEqual([]);
  const killed = (() => {
    const run = history();
    const first = run.process("worker");
    run.process("worker", { slot: 1 });
    first.at(2_000).killed();
    return run.at(120_000).ledger();
  })();
  expect(excuses(killed, 4)).toEqual([]);
  expect(excuses(killed, 6.5)).toEqual(["killed"]);
  expect(excuses(killed, 100)).toEqual(["killed"]);
});

test("a later death does not lift the limit of a silence that was over", () => {
  const run = history();
  const first = run.process("worker");
  run.process("worker", { slot: 1 });
  paused(0, [2, 8])(run);
  first.at(60_000).killed();
  expect(excuses(run.at(120_000).ledger(), 50)).toEqual([]);
});

test("the taker had it first only if it was there before the silence, and is started right after it", () => {
  const ledger = workers(paused(1, [0, 7]));
  const given = { start: { at: 5e9, incarnation: 1 } };
  expect(excuses(ledger, 7.5, given)).toEqual(["paused"]);
  expect(excuses(ledger, 9, given)).toEqual([]);
  expect(excuses(ledger, 7.5, { ...given, availableAt: 3e9 })).toEqual([]);
  // The holder got it when nobody can have taken the taker for gone.
  expect(excuses(ledger, 7.5, { start: { at: 3e9, incarnation: 1 } })).toEqual([]);
});

test("the taker goes on with what it had first until its connection is back, if that broke", () => {
  const bounds = boundsOf({
    recoveryMs: 10_000,
    retryMs: 0,
    giveAwayMs: 500,
    reconnectMs: 2_000,
    readAheadMs: 2_000,
  });
  const taken = (meanwhile: (run: History) => void) =>
    excuses(workers(meanwhile, { bounds }), 6.2, { start: { at: 4.5e9, incarnation: 1 } });
  expect(taken(cut(1, 3, 3.6))).toEqual(["cut-off"]);
  expect(taken(paused(1, [3, 3.6]))).toEqual([]);
});

test("a queue that hands back at the end of a connection may do so at once", () => {
  const bounds = boundsOf({ recoveryMs: 10_000, retryMs: 0, giveAwayMs: 4_000, handsBackOnDisconnect: true });
  expect(excuses(workers(cut(0, 2, 2.5), { bounds }), 2.1)).toEqual(["cut-off"]);
  expect(excuses(workers(cut(0, 2, 2.5)), 2.1)).toEqual([]);
  expect(excuses(workers(paused(0, [2, 2.5]), { bounds }), 2.1)).toEqual([]);
});

test("what says nothing of its leases is excused at once, and never after its recovery bound", () => {
  const bounds = boundsOf({ recoveryMs: 10_000, retryMs: 0 });
  expect(excuses(workers(paused(0, [2, 2.1]), { bounds }), 2.5)).toEqual(["paused"]);
  expect(excuses(workers(paused(0, [2, 2.1]), { bounds }), 13)).toEqual([]);
});

test("who stands still while its connection is broken connects again afterwards", () => {
  const ledger = workers((run) => {
    cut(0, 2, 2.5)(run);
    paused(0, [2.2, 5.6])(run);
  });
  // 3.6 s of silence, and 1 s to connect again.
  expect(excuses(ledger, 6.2)).toEqual(["paused"]);
});

test("who was silent for less than a stall before it was killed had been heard before that", () => {
  const killed = (stillMs: number): Ledger => {
    const run = history();
    const first = run.process("worker");
    run.process("worker", { slot: 1 });
    const kill = run.at(2_000 - stillMs);
    first.stalled(stillMs);
    kill
      .at(2_000)
      .fault("kill", { effect: "killed", touches: ["worker:0"] })
      .armed();
    first.killed();
    return run.at(120_000).ledger();
  };
  expect(excuses(killed(0), 5.6)).toEqual([]);
  expect(excuses(killed(450), 5.6)).toEqual(["killed"]);
});

test("what a cut-off process starts long after it was cut off, it received since", () => {
  const late = { start: { at: 8e9, incarnation: 1 }, availableAt: 0.9e9 };
  expect(excuses(workers(cut(0, 2, 9)), 9.5, { ...late, start: { at: 3.5e9, incarnation: 1 } })).toEqual(["cut-off"]);
  expect(excuses(workers(cut(0, 2, 9)), 9.5, late)).toEqual([]);
  // Its own time stands still while it does.
  expect(excuses(workers(paused(0, [2, 9])), 9.5, { ...late, start: { at: 9.1e9, incarnation: 1 } })).toEqual([
    "paused",
  ]);
});

test("where settlements are not told, a job was settled by whoever was well for long enough after it had ended it", () => {
  const settled = (meanwhile: (run: History) => void, endedAt: number): number | undefined =>
    settledUntold(workers(meanwhile, { tellsSettlements: false }), holding(), endedAt * 1e9);
  expect(settled(() => {}, 3)).toBe(4e9);
  // The connection has to come back before anything can be said over it.
  expect(settled(cut(0, 2, 5.2), 3)).toBeUndefined();
  expect(settled(cut(0, 2, 3.2), 3)).toBeGreaterThan(5.2e9);
  // It was silent for so long that its word may have been refused.
  expect(settled(paused(0, [2, 7]), 7.1)).toBeUndefined();
});

test("who goes on for less than a tick between two hits was silent all along", () => {
  const ledger = workers((run) => {
    paused(0, [2, 4])(run);
    cut(0, 4.1, 5.5)(run);
  });
  expect(excuses(ledger, 6.4)).toEqual(["cut-off"]);
});

test("whose connections are broken one after the other may receive something when it is no longer heard", () => {
  const armedFor = (seconds: number) => (run: History) => {
    const one = run.at(2_000).fault("black-hole", { effect: "cut-off", touches: ["link:worker:0"] });
    run.at(2_000 + seconds * 1000);
    one.armed();
    run.at(20_000);
    one.bit().healed();
  };
  const received = (at: number) => ({ start: { at: at * 1e9, incarnation: 1 }, availableAt: at * 1e9 - 10e6 });
  // Its last sign of life may have come at 2 s, whatever it received at 4.5.
  expect(excuses(workers(armedFor(3)), 7, received(4.5))).toEqual(["cut-off"]);
  expect(excuses(workers(armedFor(3)), 5.5, received(4.5))).toEqual([]);
  // What was sent when all of them were broken, it cannot have received, whenever it had asked for it.
  expect(excuses(workers(armedFor(3)), 7, received(4.99))).toEqual(["cut-off"]);
  expect(excuses(workers(armedFor(3)), 7, received(5.02))).toEqual([]);
  expect(excuses(workers(armedFor(3)), 11.5, received(6.5))).toEqual([]);
});

test("a fault that waited for somebody who stood still broke nothing meanwhile", () => {
  const ledger = workers((run) => {
    const pause = run
      .at(2_000)
      .fault("pause", { effect: "paused", touches: ["worker:0"] })
      .armed();
    const reset = run.at(3_000).fault("reset", { effect: "cut-off", touches: ["link:worker:0"] });
    run.at(9_000);
    pause.bit().healed();
    run.at(9_100);
    reset.armed();
    run.at(9_300);
    reset.bit().healed();
  });
  // Another began at 7 s what was there shortly before: the one that stood still since 2 s had not received it.
  const another = { start: { at: 7e9, incarnation: 2 }, availableAt: 6.9e9 };
  expect(excuses(ledger, 9.2, another, 1)).toEqual([]);
  // What was there before it stood still, it may have received.
  expect(excuses(ledger, 9.2, { ...another, availableAt: 1.9e9 }, 1)).toEqual(["cut-off"]);
});

test("what a process begins, it begins before its end, and before its connections end with it", () => {
  const bounds = boundsOf({ recoveryMs: 10_000, retryMs: 0, giveAwayMs: 4_000, handsBackOnDisconnect: true });
  const run = history({ bounds });
  const worker = run.process("worker");
  paused(0, [2, 2.8])(run);
  run.at(3_100);
  worker.killed();
  const ledger = run.at(60_000).ledger();
  // An end is seen half a second later at the most: it may have been at 2.6 s, but for what was begun after that.
  expect(mayBeStale(ledger, { incarnation: 1, at: 3e9 })).toBe(false);
  const cutOff = workers(cut(0, 2, 2.8), { bounds });
  expect(mayBeStale(cutOff, { incarnation: 1, at: 3e9 })).toBe(true);
});

test("who stands still again after a tick need not have been heard in between", () => {
  const still = (betweenMs: number): Ledger => {
    const run = history();
    const first = run.process("worker");
    run.process("worker", { slot: 1 });
    run.at(2_000);
    first.stalled(2_500);
    run.at(run.now() + betweenMs);
    first.stalled(2_500);
    return run.at(60_000).ledger();
  };
  expect(excuses(still(150), 6.5)).toEqual(["stalled"]);
  expect(excuses(still(1_000), 6.5)).toEqual([]);
});
