/**
 * What Linux itself tells of connections: the table of all of them (proc(5)), and whose each is, by the inodes that a
 * process holds open. The table counts no bytes; `ss` of iproute2 asks the kernel for them, and where it is missing
 * nobody is told.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { endianness } from "node:os";
import { promisify } from "node:util";
import { monotonic } from "../../std/clock.ts";
import type { Address, Bytes } from "../contract.ts";

export interface Socket {
  readonly local: Address;
  readonly remote: Address;
  readonly state: "established" | "listening";
  /** Unique on this host for as long as it is open; 0 where no process holds it any more. */
  readonly inode: string;
}

/** One look at everything, from which each process's part is taken. */
export interface SocketTable {
  readonly sockets: readonly Socket[];
  /** Of the process and of whoever it started; undefined where they are not told. */
  of(pid: number): readonly Socket[] | undefined;
}

/** Undefined where the host keeps no such table. */
export function look(): SocketTable | undefined {
  const texts = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => readIfThere(table) ?? []);
  if (texts.length === 0) return undefined;
  const sockets = texts.flatMap(parseTable);
  return {
    sockets,
    of(pid) {
      const inodes = new Set<string>();
      for (const one of familyOf(pid, parents())) {
        const held = inodesOf(one);
        if (held === undefined) return undefined;
        for (const inode of held) inodes.add(inode);
      }
      return sockets.filter(({ inode }) => inodes.has(inode));
    },
  };
}

const states: Readonly<Record<string, Socket["state"]>> = { "01": "established", "0A": "listening" };

/** Of such a table those rows that matter. */
export const parseTable = (text: string): readonly Socket[] =>
  text
    .split("\n")
    .slice(1)
    .flatMap((row) => {
      const [, local = "", remote = "", code = "", , , , , , inode = "0"] = row.trim().split(/\s+/);
      const state = states[code];
      return state === undefined ? [] : [{ local: endOf(local), remote: endOf(remote), state, inode }];
    });

/**
 * Hexadecimal digits: the port as one reads it, the address in words of four bytes, each in the machine's own order.
 */
function endOf(text: string): Address {
  const [digits = "", port = ""] = text.split(":");
  const words = (digits.match(/.{8}/g) ?? []).map((word) => {
    const bytes = word.match(/../g) ?? [];
    return endianness() === "LE" ? bytes.toReversed() : bytes;
  });
  return { host: hostOf(words.flat().map((byte) => Number.parseInt(byte, 16))), port: Number.parseInt(port, 16) };
}

/** What is IPv4 is written so, also where a socket of the other family has it. */
function hostOf(bytes: readonly number[]): string {
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff;
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join(".");
  const groups = Array.from({ length: 8 }, (_, n) =>
    ((bytes[2 * n] ?? 0) * 256 + (bytes[2 * n + 1] ?? 0)).toString(16),
  );
  return groups.join(":").replace(/^0(:0){6}:/, "::"); // as the loopback's is mostly written
}

/** By pid: who started it, and whose session it is in (fields 4 and 6 of proc(5)). */
type Parents = ReadonlyMap<number, readonly [parent: number, session: number]>;

/** To read them of 1,000 processes takes 20 ms: what a process started is found within so long. */
const parentsForMs = 5000;
let known: { readonly parents: Parents; readonly untilNs: number } | undefined;

function parents(): Parents {
  if (known === undefined || known.untilNs < monotonic.nowNs())
    known = { parents: parentsOfAll(), untilNs: monotonic.nowNs() + parentsForMs * 1e6 };
  return known.parents;
}

function parentsOfAll(): Parents {
  const parents = new Map<number, readonly [number, number]>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : undefined;
    const [, parent, , session] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
    if (parent !== undefined && session !== undefined) parents.set(Number(name), [Number(parent), Number(session)]);
  }
  return parents;
}

/**
 * The process, all in the session that it leads, and the children of any of them: a system may work in processes of its
 * own.
 */
export function familyOf(pid: number, parents: Parents): ReadonlySet<number> {
  const family = new Set([pid]);
  for (let grown = 0; grown !== family.size;) {
    grown = family.size;
    for (const [one, [parent, session]] of parents) if (session === pid || family.has(parent)) family.add(one);
  }
  return family;
}

/** Undefined where it is another user's, or hidden. */
function inodesOf(pid: number): readonly string[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT" ? [] : undefined;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

const askMs = 2000;
const outputBytes = 1 << 26;

/** By inode, of each established connection since it was opened; undefined where there is no `ss`. */
export async function countBytes(): Promise<ReadonlyMap<string, Bytes> | undefined> {
  try {
    const options = { timeout: askMs, maxBuffer: outputBytes };
    const { stdout } = await promisify(execFile)("ss", ["-tnieH", "state", "established"], options);
    return parseBytes(stdout);
  } catch {
    return undefined;
  }
}

/**
 * A socket's first line begins at the margin, and those that go on do not. What has no `cwnd` was told without its
 * counts.
 */
export const parseBytes = (text: string): ReadonlyMap<string, Bytes> =>
  new Map(
    text.split(/\n(?=\S)/).flatMap((entry) => {
      const told = (name: string): string | undefined => new RegExp(`\\b${name}:(\\d+)`).exec(entry)?.[1];
      const inode = told("ino");
      if (inode === undefined || told("cwnd") === undefined) return [];
      return [[inode, { sent: Number(told("bytes_sent") ?? 0), received: Number(told("bytes_received") ?? 0) }]];
    }),
  );
