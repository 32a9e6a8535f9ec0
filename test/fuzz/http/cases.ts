/** One case from a seed: a request or a few that are almost right, or bytes that are none, cut into pieces anywhere. */
import { seeded, type NonEmpty, type Random } from "../../../std/random.ts";

export interface Case {
  readonly bytes: Buffer;
  readonly pieces: readonly number[];
  /** It is at least one whole request as HTTP has it: it has to be answered. */
  readonly isWhole: boolean;
  readonly methods: readonly string[];
}

const queues: NonEmpty<string> = ["note", "any", "email", "task"];
const methods: NonEmpty<string> = [
  "GET",
  "POST",
  "POST",
  "POST",
  "POST",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "PROPFIND",
  "QUERY",
];
const oddTexts: NonEmpty<string> = [
  "",
  "\0",
  "\ufffd",
  "ü",
  "😀",
  "%",
  "%00",
  "%ff",
  "%2f",
  "..",
  "'\"<>&",
  "\\",
  "a".repeat(120),
  "x".repeat(5000),
  "__proto__",
  "constructor",
  "null",
];
const oddNumbers: NonEmpty<string> = [
  "0",
  "-0",
  "-1",
  "1.5",
  "1e400",
  "-1e400",
  "1e-400",
  "9007199254740993",
  "18446744073709551616",
  "1e18",
  "8640000000000001",
  "NaN",
  "Infinity",
  "0x10",
  "1_000",
  " 7 ",
  "00",
];
const ids: NonEmpty<string> = [
  "0-0",
  "1-1",
  "1700000000000-0",
  "18446744073709551615-18446744073709551615",
  "18446744073709551616-0",
  "99999999999999999999-1",
  "00001-00",
  "1700000000000",
  "-",
  "+",
  "(1-1",
  "0/1-1",
  "1/1-1",
  "9/1-1",
  "1/",
  "*",
  "$",
];

const odd = (dice: Random): string => dice.pick(dice.below(2) === 0 ? oddTexts : oddNumbers);

/** JSON text, mostly. */
function value(dice: Random, depth: number): string {
  const kind = dice.below(depth <= 0 ? 6 : 9);
  if (kind === 0) return dice.pick(oddNumbers);
  if (kind === 1) return dice.pick(["null", "true", "false", "", "undefined", "nul", "{", "]", '"']);
  if (kind === 2) return dice.pick(['"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\x"', '"\n"', '"\\ud83d\\ude00"']);
  if (kind < 6) return JSON.stringify(odd(dice));
  const members = Array.from({ length: dice.below(4) }, () => value(dice, depth - 1));
  if (kind < 8) return `[${members.join(",")}]`;
  return `{${members.map((member) => `${JSON.stringify(odd(dice))}:${member}`).join(",")}}`;
}

function job(dice: Random): string {
  const fields = [`"payload":${dice.below(3) === 0 ? value(dice, 4) : dice.pick(['"x"', '{"to":"ada"}', "7"])}`];
  const more = (name: string, text: string): void => {
    if (dice.below(5) === 0) fields.push(`"${name}":${text}`);
  };
  more("delayMs", dice.below(2) === 0 ? String(dice.below(1e6)) : value(dice, 1));
  more("at", dice.below(2) === 0 ? String(dice.below(2e9) * 1000) : value(dice, 1));
  more("key", dice.below(2) === 0 ? `"k${dice.below(20)}"` : value(dice, 1));
  more("priority", dice.pick(['"high"', '"low"', '"urgent"', value(dice, 1)]));
  more(JSON.stringify(odd(dice)).slice(1, -1), value(dice, 2));
  return `{${fields.join(",")}}`;
}

function deep(dice: Random): string {
  const levels = dice.pick([50, 99, 100, 101, 1000, 5000, 200_000]);
  const [open, close] = dice.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ["[[],", "]"],
  ]);
  const inner = `${open.repeat(levels)}1${dice.below(4) === 0 ? "" : close.repeat(levels)}`;
  return dice.below(2) === 0 ? inner : `{"payload":${inner}}`;
}

function bodyFor(dice: Random, path: string): string {
  const kind = dice.below(20);
  if (kind === 0) return deep(dice);
  if (kind === 1) return value(dice, 5);
  if (kind === 2) return "";
  if (kind === 3) return `{"payload":"${"y".repeat(dice.pick([4000, 5000, 300_000, 1_100_000]))}"}`;
  if (path.includes("/dead/")) {
    const which = Array.from({ length: dice.below(4) }, () => JSON.stringify(dice.pick(ids)));
    const filter = dice.pick([
      "{}",
      '{"error":"x"}',
      `{"since":${dice.pick(oddNumbers)}}`,
      `{"after":"1-1"}`,
      value(dice, 2),
    ]);
    return dice.below(2) === 0 ? `{"ids":[${which.join(",")}]}` : `{"where":${filter}}`;
  }
  if (kind < 12) return job(dice);
  return `[${Array.from({ length: dice.below(6) }, () => job(dice)).join(",")}]`;
}

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed()).replaceAll("%25", "%");

function path(dice: Random): string {
  const name = dice.below(12) === 0 ? encoded(odd(dice)) : dice.pick(queues);
  const id = encoded(dice.below(2) === 0 ? dice.pick(ids) : odd(dice));
  const query = `since=${dice.pick(oddNumbers)}&until=${dice.pick(oddNumbers)}`;
  return dice.pick([
    `/queues/${name}/jobs`,
    `/queues/${name}/jobs`,
    `/queues/${name}/jobs/${id}`,
    `/queues/${name}/dead`,
    `/queues/${name}/dead?after=${encoded(dice.pick(ids))}&limit=${dice.pick(oddNumbers)}`,
    `/queues/${name}/dead?after=${encoded(dice.pick(ids))}`,
    `/queues/${name}/dead?${encoded(query)}&${encoded(odd(dice))}=${encoded(odd(dice))}`,
    `/queues/${name}/dead/replay`,
    `/queues/${name}/dead/purge`,
    `/queues/${name}`,
    "/queues",
    "/metrics",
    "/readyz",
    "/healthz",
    `/${encoded(odd(dice))}`,
    "*",
    "//",
    `http://127.0.0.1/queues/${name}`,
  ]);
}

interface Request {
  readonly method: string;
  readonly bytes: Buffer;
}

const hosts: NonEmpty<string> = [
  "localhost",
  "127.0.0.1:7070",
  "[::1]:1",
  "a.localhost",
  "evil.example",
  "127.0.0.1.evil.example",
  "",
  "localhost:",
  "localhost, evil",
];
const types: NonEmpty<string> = [
  "text/plain",
  "application/jsonx",
  "application/json; charset=latin1",
  "",
  ";",
  "multipart/form-data; boundary=x",
];

/** Whole and understandable to HTTP, whatever the service thinks of it. */
function request(dice: Random, isLast: boolean): Request {
  const method = dice.pick(methods);
  const target = path(dice);
  const withBody = method === "POST" || dice.below(8) === 0;
  const body = Buffer.from(withBody ? bodyFor(dice, target) : "", dice.below(30) === 0 ? "latin1" : "utf8");
  const headers = [`Host: ${dice.below(10) === 0 ? dice.pick(hosts) : "localhost"}`];
  if (withBody) headers.push(`Content-Type: ${dice.below(12) === 0 ? dice.pick(types) : "application/json"}`);
  if (isLast) headers.push("Connection: close");
  if (dice.below(30) === 0) headers.push("Expect: 100-continue");
  if (dice.below(40) === 0) headers.push("Expect: the-best");
  if (dice.below(30) === 0) headers.push("Authorization: Bearer x");
  // What follows one is no HTTP any more, as far as Node is concerned.
  if (isLast && dice.below(40) === 0) headers.push("Upgrade: websocket", "Connection: Upgrade");
  if (dice.below(40) === 0) headers.push("Accept-Version: 1.x");
  if (dice.below(40) === 0) headers.push(`X-Long: ${"z".repeat(dice.pick([100, 15_000, 20_000]))}`);
  const isChunked = withBody && dice.below(6) === 0;
  if (isChunked) headers.push("Transfer-Encoding: chunked");
  else if (withBody) headers.push(`Content-Length: ${body.length}`);
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`, "latin1");
  return { method, bytes: Buffer.concat([head, isChunked ? chunked(dice, body) : body]) };
}

function chunked(dice: Random, body: Buffer): Buffer {
  const size = dice.pick([1, 7, 1000, 65_536]);
  const parts: Buffer[] = [];
  for (let from = 0; from < Math.min(body.length, size * 2000); from += size) {
    const part = body.subarray(from, from + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

/** Bytes changed, put in, taken out, or the end cut off. */
function mangled(dice: Random, bytes: Buffer): Buffer {
  let result = Buffer.from(bytes);
  for (let times = dice.between(1, 4); times > 0; times--) {
    const at = dice.below(Math.min(result.length, dice.below(2) === 0 ? 60 : result.length) + 1);
    const kind = dice.below(4);
    const noise = Buffer.from(
      Array.from({ length: dice.between(1, 4) }, () => dice.pick([0, 10, 13, 32, 58, 255, dice.below(256)])),
    );
    if (kind === 0) result = Buffer.concat([result.subarray(0, at), noise, result.subarray(at)]);
    else if (kind === 1) result = Buffer.concat([result.subarray(0, at), result.subarray(at + dice.between(1, 20))]);
    else if (kind === 2) result = Buffer.concat([result.subarray(0, at), noise, result.subarray(at + noise.length)]);
    else result = result.subarray(0, at);
  }
  return result;
}

export function caseOf(seed: string): Case {
  const dice = seeded(seed);
  const count = dice.below(6) === 0 ? dice.between(2, 5) : 1;
  const requests = Array.from({ length: count }, (_, n) => request(dice.fork(String(n)), n === count - 1));
  const isWhole = dice.below(4) > 0;
  const all = Buffer.concat(requests.map(({ bytes }) => bytes));
  const bytes = isWhole
    ? all
    : mangled(
        dice,
        dice.below(8) === 0 ? Buffer.from(Array.from({ length: dice.below(500) }, () => dice.below(256))) : all,
      );
  const cuts = Array.from({ length: dice.below(4) }, () => dice.below(bytes.length + 1)).toSorted((a, b) => a - b);
  return { bytes, pieces: cuts, isWhole, methods: requests.map(({ method }) => method) };
}
