/**
 * The prover of what is missing: green histories, damaged in hundreds of ways, make nobody guilty, and are never green;
 * and what no lost record could explain is a violation beside any damage.
 */
import { expect, test } from "vitest";
import type { Check } from "../checks/contract.ts";
import { checks } from "../checks/index.ts";
import { judge, overall } from "../harness/verdict.ts";
import { buildLedger } from "../history/ledger-builder.ts";
import type { JournalLine } from "../history/journal.ts";
import type { Ledger, RunFacts } from "../history/ledger.ts";
import { memorySource } from "../history/reader.ts";
import { recordBytes } from "../history/record.ts";
import { measures } from "../measures/index.ts";
import { seeded, type Random } from "../std/random.ts";
import { backlogRun, faultyRun, narrow } from "../harness/testing/green-history.ts";
import type { History } from "../history/testing/history.ts";
import { randomHistory } from "../history/testing/random-history.ts";

interface Stored {
  readonly facts: RunFacts;
  readonly journal: readonly JournalLine[];
  /** By incarnation. */
  readonly files: ReadonlyMap<number, Uint8Array>;
}

function store(run: History): Stored {
  const files = run.sources().map((source) => {
    const into = new Uint8Array(1 << 20);
    using file = source.open();
    return [source.incarnation, into.slice(0, file.read(into, 0))] as const;
  });
  return { facts: run.ledger().run, journal: run.journal(), files: new Map(files) };
}

const read = ({ facts, journal, files }: Stored): Ledger =>
  buildLedger(
    facts,
    journal,
    [...files].map(([incarnation, bytes]) => memorySource(incarnation, bytes)),
  );

const verdictOf = (ledger: Ledger) => {
  const guarantees = judge(ledger, checks, narrow);
  return { ...overall(guarantees), guarantees };
};

/** By the terms that any queue is held to. */
const guilty = (ledger: Ledger): readonly string[] =>
  Object.entries<Check>(checks).flatMap(([name, { check, universal, neutral }]) =>
    check(ledger, universal?.(ledger.run.bounds) ?? neutral).verdict === "fail" ? [name] : [],
  );

type Damage = readonly [what: string, of: (stored: Stored) => Stored];

const withFile = (stored: Stored, incarnation: number, bytes: Uint8Array | undefined): Stored => {
  const files = new Map(stored.files);
  if (bytes === undefined) files.delete(incarnation);
  else files.set(incarnation, bytes);
  return { ...stored, files };
};

const without = (bytes: Uint8Array, from: number, to: number): Uint8Array =>
  new Uint8Array([...bytes.subarray(0, from), ...bytes.subarray(to)]);

function damages(stored: Stored, random: Random): readonly Damage[] {
  const { journal, files } = stored;
  const all: Damage[] = [
    ["no file at all", (whole) => ({ ...whole, files: new Map() })],
    ["no journal at all", (whole) => ({ ...whole, journal: [] })],
    ["nothing at all", (whole) => ({ ...whole, journal: [], files: new Map() })],
  ];
  for (const [index, line] of journal.entries()) {
    all.push([
      `without line ${index} (${line.type}) of the journal`,
      (whole) => ({ ...whole, journal: whole.journal.filter((_, at) => at !== index) }),
    ]);
    all.push([`a journal of ${index} lines`, (whole) => ({ ...whole, journal: whole.journal.slice(0, index) })]);
  }
  for (const [incarnation, bytes] of files) {
    const name = `file ${incarnation}`;
    all.push([`without ${name}`, (whole) => withFile(whole, incarnation, undefined)]);
    const ends = [0, 1, 31, 32, 33, bytes.length - 1, bytes.length - 31, bytes.length - 32, bytes.length - 64];
    const cuts = [...ends, ...Array.from({ length: 25 }, () => random.below(bytes.length))];
    for (const at of new Set(cuts))
      all.push([`${name} cut at ${at}`, (whole) => withFile(whole, incarnation, bytes.subarray(0, at))]);
    for (let n = 0; n < 25; n++) {
      const [grain, most] = n < 15 ? [recordBytes, bytes.length / recordBytes] : [1, bytes.length];
      const from = random.below(most) * grain;
      const to = Math.min(bytes.length, from + (1 + random.below(Math.max(1, most / (n % 3 === 0 ? 1 : 50)))) * grain);
      all.push([
        `${name} without bytes ${from} to ${to}`,
        (whole) => withFile(whole, incarnation, without(bytes, from, to)),
      ]);
    }
  }
  const one = (): Damage => all[random.below(all.length)] ?? ["nothing", (whole) => whole];
  const pairs = Array.from({ length: 150 }, (): Damage => {
    const [a, b] = [one(), one()];
    return [`${a[0]}, ${b[0]}`, (whole) => merged(a[1](whole), b[1](whole), whole)];
  });
  return [...all, ...pairs];
}

/** Both damages in one, where they are of different things; else the second one. */
const merged = (a: Stored, b: Stored, whole: Stored): Stored => ({
  facts: whole.facts,
  journal: b.journal === whole.journal ? a.journal : b.journal,
  files: b.files === whole.files ? a.files : b.files,
});

const runs = { "much goes wrong": faultyRun, "work piles up": backlogRun } as const;

test.each(Object.entries(runs))("a run in which %s is green while it is whole", (_, make) => {
  const { verdict, reasons, guarantees } = verdictOf(read(store(make().run)));
  expect({ verdict, reasons }).toEqual({ verdict: "pass", reasons: [] });
  expect(guarantees.filter((one) => one.verdict !== "pass")).toEqual([]);
});

test.each(Object.entries(runs))(
  "a run in which %s makes nobody guilty, and is not green, whatever is missing",
  (name, make) => {
    const stored = store(make().run);
    const ways = damages(stored, seeded(name));
    expect(ways.length).toBeGreaterThan(300);
    const wrong = ways.flatMap(([what, damage], index) => {
      const ledger = read(damage(stored));
      const { verdict, guarantees } = verdictOf(ledger);
      if (index % 20 === 0) for (const measure of Object.values(measures)) measure.measure(ledger);
      const failed = guarantees.flatMap((one) =>
        one.verdict === "fail" ? [`${one.name}: ${one.examples[0]?.what}`] : [],
      );
      return failed.length === 0 && verdict === "unknown" ? [] : [{ what, verdict, failed }];
    });
    expect(wrong).toEqual([]);
  },
);

test("of a run of which nothing is left every promise is unknown, unless there was nothing to it", () => {
  for (const make of Object.values(runs)) {
    const { guarantees } = verdictOf(read({ ...store(make().run), journal: [], files: new Map() }));
    for (const one of guarantees)
      expect(one.verdict === "pass" ? [one.name, one.exposed] : one.verdict).toEqual(
        one.verdict === "pass" ? [expect.stringMatching(/priority|starvation|unhindered/), 0] : "unknown",
      );
  }
});

test("nobody is guilty for what is missing from a history of chance in which nobody was", () => {
  let innocent = 0;
  for (let seed = 0; innocent < 60; seed++) {
    const stored = store(randomHistory(seeded(`missing ${seed}`), true));
    if (guilty(read(stored)).length > 0) continue;
    innocent++;
    const ways = damages(stored, seeded(`${seed}`)).filter((_, index) => index % 9 === seed % 9);
    for (const [what, damage] of ways)
      expect({ seed, what, guilty: guilty(read(damage(stored))) }).toEqual({ seed, what, guilty: [] });
  }
});
