import { expect, test } from "vitest";
import type { Connections, ProcessConnections } from "../history/journal.ts";
import { history } from "../history/testing/history.ts";
import { bypasses } from "./bypass.ts";

const process = (
  role: "worker" | "producer",
  slot: number,
  more: Partial<ProcessConnections> = {},
): ProcessConnections => ({
  role,
  slot,
  links: [],
  looks: 10,
  connected: 10,
  past: [],
  elsewhere: [],
  ...more,
});
const lost = { connected: 0, elsewhere: ["127.0.0.1:5432"] };

function told(processes: readonly ProcessConnections[], bytes?: Connections["bytes"]) {
  const run = history({ jobs: 2, payloadBytes: 200 });
  run.clean([0, 1], run.process("producer"), run.process("worker"));
  run.connections({ store: ["127.0.0.1:6390"], processes, ...(bytes && { bytes }) });
  return bypasses(run.ledger());
}

test("who was seen connected, at least once, is no stranger; nobody is where nobody looked", () => {
  expect(told([process("worker", 0, { connected: 1, elsewhere: ["10.0.0.1:443"] }), process("producer", 0)])).toEqual(
    [],
  );
  expect(told([])).toEqual([]);
  const run = history();
  run.clean([0], run.process("producer"), run.process("worker"));
  expect(bypasses(run.ledger())).toEqual([]);
});

test("a fleet on another store is told of, with where it was", () => {
  expect(told([process("worker", 0, lost), process("producer", 0, { ...lost, elsewhere: [] })])).toEqual([
    "no process of the run was connected to its store (127.0.0.1:6390) while the load ran, but to 127.0.0.1:5432",
  ]);
});

test("one process on another store is named; a producer without a job needs none", () => {
  expect(
    told([process("worker", 0), process("worker", 1, lost), process("producer", 0), process("producer", 2, lost)]),
  ).toEqual(["worker 1 was never connected to its store (127.0.0.1:6390) while the load ran, but to 127.0.0.1:5432"]);
});

test("who goes past its links is named, with what it goes past", () => {
  expect(told([process("worker", 2, { links: ["127.0.0.1:20001"], past: ["127.0.0.1:6390"] })])).toEqual([
    "worker 2 was connected to 127.0.0.1:6390 past the links that were laid for it (127.0.0.1:20001)",
  ]);
});

test("a store that took in less than the texts of the jobs has not got them", () => {
  expect(told([process("worker", 0)], { taken: 99, given: 0 })).toEqual([
    "the store took in 99 bytes while 2 jobs of 200 bytes were acknowledged: they were kept elsewhere",
  ]);
  expect(told([process("worker", 0)], { taken: 100, given: 0 })).toEqual([]);
});

const laid = (elsewhere: number, own: number) => ({
  links: ["127.0.0.1:20001"],
  elsewhere: ["127.0.0.1:9999"],
  bytes: { sent: own, received: own, elsewhere },
});

test("who has connections on its links, and its jobs pass elsewhere, is told of", () => {
  expect(told([process("worker", 0, laid(5000, 49)), process("producer", 0, laid(4000, 48))])).toEqual([
    "worker 0 started 2 jobs of 200 bytes, and 49 bytes passed its links (127.0.0.1:20001), but 5000 to and from 127.0.0.1:9999",
    "producer 0 sent 2 jobs of 200 bytes, and 48 bytes passed its links (127.0.0.1:20001), but 4000 to and from 127.0.0.1:9999",
  ]);
});

test("what is carried elsewhere beside the jobs is nobody's business", () => {
  // Metrics, however many; a client that was hardly ever seen open; one without links; one that had nothing to do.
  const fine = [laid(1e9, 51), laid(40, 45), { ...laid(5000, 0), links: [] }];
  for (const one of fine) expect(told([process("worker", 0, one)])).toEqual([]);
  expect(told([process("worker", 0), process("worker", 7, laid(5000, 0))])).toEqual([]);
});
