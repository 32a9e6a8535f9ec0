/** What a bad disk, or a bad hand, does to the files of a stored run: one thing at random, told in words. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { recordBytes } from "../history/record.ts";
import type { Random } from "../std/random.ts";

/** Names below a run's directory. */
export const filesOf = (run: string): readonly string[] =>
  readdirSync(run, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(run.length + 1))
    .toSorted();

/** What is judged, and what says that it is what was written; all else is only told. */
export const isRecord = (file: string): boolean =>
  file.startsWith("history/") || ["journal.jsonl", "run.json", "record.sha256"].includes(file);

interface Place {
  readonly run: string;
  /** Another run's directory. */
  readonly other: string;
  readonly file: string;
  readonly random: Random;
}

function oneOf<T>(random: Random, [first, ...rest]: readonly T[]): T {
  if (first === undefined) throw new Error("there is nothing to choose from");
  return random.pick([first, ...rest]);
}

type Way = (place: Place) => string;

const within = ({ random }: Place, length: number, grain: number): readonly [from: number, to: number] => {
  const from = Math.floor(random.below(Math.max(1, length)) / grain) * grain;
  return [from, Math.min(length, from + (1 + random.below(40)) * grain)];
};

const grainOf = ({ file, random }: Place): number => (file.endsWith(".bin") && random.below(3) > 0 ? recordBytes : 1);

/** Changes the bytes of the file. */
const bytes =
  (what: string, change: (bytes: Buffer, place: Place, from: number, to: number) => Buffer): Way =>
  (place) => {
    const path = join(place.run, place.file);
    const before = readFileSync(path);
    const [from, to] = within(place, before.length, grainOf(place));
    writeFileSync(path, change(Buffer.from(before), place, from, to));
    return `${what} of ${place.file}, ${from} to ${to}`;
  };

const without = (whole: Buffer, from: number, to: number): Buffer =>
  Buffer.concat([whole.subarray(0, from), whole.subarray(to)]);

const put = (whole: Buffer, at: number, piece: Buffer): Buffer =>
  Buffer.concat([whole.subarray(0, at), piece, whole.subarray(at)]);

function flipped(whole: Buffer, { random }: Place, from: number): Buffer {
  whole[from] = (whole[from] ?? 0) ^ (1 << random.below(8));
  return whole;
}

function swapped(whole: Buffer, place: Place, from: number, to: number): Buffer {
  const [at] = within(place, whole.length, recordBytes);
  const first = Buffer.from(whole.subarray(from, to));
  const second = Buffer.from(whole.subarray(at, at + first.length));
  second.copy(whole, from);
  first.copy(whole, at);
  return whole;
}

/** Of another file of this run, or the same one of the other. */
function stranger({ run, other, file, random }: Place): Buffer {
  const mine = filesOf(run).filter((one) => one !== file && statSync(join(run, one)).size > 0);
  const theirs = join(other, file);
  const from = existsSync(theirs) && random.below(2) === 0 ? theirs : join(run, oneOf(random, mine));
  return readFileSync(from);
}

const lines =
  (what: string, change: (lines: string[], place: Place, at: number) => void): Way =>
  (place) => {
    const path = join(place.run, place.file);
    const all = readFileSync(path, "latin1").split("\n");
    const at = place.random.below(all.length);
    change(all, place, at);
    writeFileSync(path, all.join("\n"), "latin1");
    return `${what} ${at + 1} of ${place.file}`;
  };

const ways: readonly Way[] = [
  bytes("a flipped bit", flipped),
  bytes("a flipped bit", flipped),
  bytes("a flipped bit", flipped),
  bytes("a byte of chance", (whole, { random }, from) => {
    whole[from] = random.below(256);
    return whole;
  }),
  bytes("zeros instead", (whole, _, from, to) => whole.fill(0, from, to)),
  bytes("ones instead", (whole, _, from, to) => whole.fill(0xff, from, to)),
  bytes("a piece is missing", (whole, _, from, to) => without(whole, from, to)),
  bytes("a piece is there twice", (whole, _, from, to) => put(whole, to, whole.subarray(from, to))),
  bytes("two pieces are exchanged", swapped),
  bytes("a piece of another file", (whole, place, from, to) => {
    stranger(place).subarray(from, to).copy(whole, from);
    return whole;
  }),
  bytes("a piece of another file more", (whole, place, from, to) =>
    put(whole, from, stranger(place).subarray(from, to)),
  ),
  bytes("something behind the end", (whole, { random }) => put(whole, whole.length, Buffer.from([random.below(256)]))),
  lines("without line", (all, _, at) => void all.splice(at, 1)),
  lines("twice line", (all, _, at) => void all.splice(at, 0, all[at] ?? "")),
  lines("exchanged line", (all, { random }, at) => {
    const second = random.below(all.length);
    [all[at], all[second]] = [all[second] ?? "", all[at] ?? ""];
  }),
  (place) => {
    const path = join(place.run, place.file);
    const at = place.random.below(Math.max(1, statSync(path).size));
    truncateSync(path, at);
    return `${place.file} cut at ${at}`;
  },
  ({ run, file }) => {
    rmSync(join(run, file));
    return `without ${file}`;
  },
  (place) => {
    writeFileSync(join(place.run, place.file), stranger(place));
    return `another file instead of ${place.file}`;
  },
  ({ run, file }) => {
    rmSync(join(run, file));
    mkdirSync(join(run, file));
    return `a folder instead of ${file}`;
  },
  ({ run, file, random }) => {
    const name = `history/${50 + random.below(50)}.bin`;
    copyFileSync(join(run, file), join(run, name));
    return `${name}, a copy of ${file}`;
  },
  ({ run, file, random }) => {
    const other = oneOf(
      random,
      filesOf(run).filter((one) => one !== file),
    );
    const aside = join(run, "aside");
    renameSync(join(run, file), aside);
    renameSync(join(run, other), join(run, file));
    renameSync(aside, join(run, other));
    return `${file} and ${other} exchanged`;
  },
];

/** The record's files come up more often than all the others together. */
export function corrupt(run: string, other: string, random: Random): string {
  const all = filesOf(run);
  const record = all.filter(isRecord);
  const file = random.below(4) > 0 && record.length > 0 ? oneOf(random, record) : oneOf(random, all);
  return oneOf(random, ways)({ run, other, file, random });
}
