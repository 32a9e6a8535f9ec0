/**
 * The text of each job: a checksum, its number, and filler by the seed, of its own length and script. What is long is
 * made again whenever it is asked for, and never kept. Texts are whole characters, since UTF-8 carries no half of a
 * surrogate pair.
 *
 *   usual, long   crc32 SP number SP filler        crc32 in hexadecimal, of what follows it
 *   short         crc32 SP number
 *   empty         nothing, of one job at most
 */
import { crc32 } from "node:zlib";
import type { Load } from "../../scenarios/contract.ts";
import { longTextBytes } from "../../scenarios/schema.ts";
import { mix, seeded, type NonEmpty } from "../../std/random.ts";

export interface Texts {
  payload(n: number): string;
  /** The number of the job that has exactly this text; undefined where none of this run has. */
  decode(payload: string): number | undefined;
  /** The number of the job whose text this was, whatever became of the rest; undefined where nothing tells. */
  origin(payload: string): number | undefined;
}

const fillerBytes = 1 << 16;
/** Checksum and number with their spaces, for a number of eight digits. */
const headBytes = 18;
const checksumLength = 8;

export function textsOf(
  { jobs, payloadBytes, texts = {} }: Pick<Load, "jobs" | "payloadBytes" | "texts">,
  seed: number,
  chance: (n: number, purpose: "filler" | "length" | "script") => number,
): Texts {
  const { scripts = 0, long = { share: 0, upToBytes: 0 }, short = 0 } = texts;
  const ownBytes = fillerBytes + payloadBytes;
  // To draw all that the longest need would keep a process from its first job.
  const times = Math.max(1, Math.ceil((fillerBytes + long.upToBytes) / ownBytes));
  const latin = fillerText(seed, ownBytes).repeat(times);
  const others = scripts > 0 ? Buffer.concat(Array(times).fill(otherScripts(seed, ownBytes))) : Buffer.alloc(0);
  const empty = texts.empty === true ? mix(seed ^ 0x1b873593) % jobs : undefined;

  function bodyOf(n: number): string {
    const drawn = chance(n, "length");
    if (drawn < short) return `${n}`;
    // Its place within the share is as good a draw as any.
    const within = (drawn - short) / long.share;
    const bytes = within < 1 ? longTextBytes + 1 + Math.floor(within * (long.upToBytes - longTextBytes)) : payloadBytes;
    const from = Math.floor(chance(n, "filler") * fillerBytes);
    const to = from + Math.max(0, bytes - headBytes);
    const filler = chance(n, "script") < scripts ? wholeCharacters(others, from, to) : latin.slice(from, to);
    return `${n} ${filler}`;
  }

  function payload(n: number): string {
    if (n === empty) return "";
    const body = bodyOf(n);
    return `${crc32(body).toString(16).padStart(checksumLength, "0")} ${body}`;
  }

  /** Whose text it is by its head, or by its emptiness, and what that job's text is. */
  function sourceOf(text: string): { readonly job: number; readonly sent: string } | undefined {
    if (text === "") return empty === undefined ? undefined : { job: empty, sent: "" };
    const job = Number(head.exec(text.slice(0, headBytes + 4))?.[1] ?? -1);
    if (!(job >= 0 && job < jobs)) return undefined;
    const sent = payload(job);
    return sent !== "" && text.startsWith(sent.slice(0, checksumLength)) ? { job, sent } : undefined;
  }

  return {
    payload,
    origin: (text) => sourceOf(text)?.job,
    decode(text) {
      const source = sourceOf(text);
      return source?.sent === text ? source.job : undefined;
    },
  };
}

/** Also one that is cut short right after the number. */
const head = /^[0-9a-f]{8} (0|[1-9]\d{0,9})(?: |$)/;

function fillerText(seed: number, bytes: number): string {
  const random = seeded(`filler/${seed}`);
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  let text = "";
  while (text.length < bytes) text += letters[random.below(letters.length)];
  return text;
}

/**
 * Each has broken somebody's queue: cut in the middle, normalised, escaped twice, ended early, or read as what it looks
 * like.
 */
const fragments: NonEmpty<string> = [
  "漢字かな交じり文",
  "한국어",
  "العربية",
  "\u05e2\u05d1\u05e8\u05d9\u05ea",
  "देवनागरी",
  "Ελληνικά",
  "Ünïcödé",
  "e\u0301 \u00e9 A\u030a \u00c5 \u1112\u1161\u11ab",
  "\u{1f9d1}\u200d\u{1f680}\u{1f3f4}\u{e0067}\u{e007f}\u{1f600}",
  "\u{20000}\u{10ffff}",
  "\u202e\u200f\u2066\u2069",
  "\u0000",
  "\u0001\u0008\u001b[31m\u007f\u0085",
  "\n",
  "\r\n\t",
  "\u2028\u2029\ufeff\ufffd\uffff",
  '{"a":[null,1e999],"__proto__":{}}',
  '"\\u0000\\ud800\\',
  "%00%s%n%20%",
  "'; -- ${}<&>",
];

/** At least so many bytes of UTF-8. */
function otherScripts(seed: number, bytes: number): Buffer {
  const random = seeded(`scripts/${seed}`);
  const parts: Buffer[] = [];
  for (let length = 0; length < bytes;) {
    const part = Buffer.from(random.pick(fragments));
    parts.push(part);
    length += part.length;
  }
  return Buffer.concat(parts);
}

/** Of what lies between the two, without what they cut through. */
function wholeCharacters(bytes: Buffer, from: number, to: number): string {
  const isInside = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let [first, last] = [from, to];
  while (first < last && isInside(first)) first++;
  while (last > first && isInside(last)) last--;
  return bytes.toString("utf8", first, last);
}
