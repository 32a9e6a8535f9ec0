/**
 * How the store fares, by its own word: one question (INFO) on a connection of our own, which is kept, so that a queue
 * that leaves no connection for others is not taken for a store that is ill. Any answer is a sign of life, an error as
 * well.
 */
import type { Address } from "../../chaos/contract.ts";
import { openProbe, type Probe } from "../../chaos/levers/probe.ts";
import type { OwnServer } from "../../chaos/levers/store.ts";
import { monotonic, pause } from "../../std/clock.ts";
import { messageOf } from "../../std/user-error.ts";
import { textOf } from "./address.ts";
import type { Ailment, HealthSubject } from "./health.ts";

/**
 * Silent for longer is not well: so long leases last. Counted in moments in which we were awake ourselves, so that
 * neither a busy machine nor a harness that stood still makes a store silent.
 */
const silentMs = 5000;
const everyMs = 10;
/** A server that uses this much of a processor meanwhile does not stand still, nor wait for its disk. */
const busyShare = 0.2;

interface Line extends Disposable {
  /** @throws Error saying why there is no answer */
  ask(question: string): Promise<string>;
}

/** A connection that is kept, and made again where it ended. */
function openLine(node: Address): Line {
  let probe: Probe | undefined;
  const hangUp = (): void => {
    probe?.[Symbol.dispose]();
    probe = undefined;
  };
  return {
    async ask(question) {
      if (probe?.ended() !== undefined) hangUp();
      const asked = (probe ??= await openProbe(node));
      asked.say(question);
      for (let waitedMs = 0; waitedMs < silentMs; waitedMs += everyMs) {
        const reply = asked.heard();
        if (reply !== undefined) return reply;
        const ended = asked.ended();
        if (ended !== undefined) throw new Error(ended);
        await pause(monotonic, everyMs);
      }
      hangUp(); // what it would say now answers another question
      throw new SilenceError("it is connected, and says nothing");
    },
    [Symbol.dispose]: hangUp,
  };
}

export function storeHealth(node: Address, own: OwnServer | undefined): HealthSubject {
  const name = `the store at ${textOf(node)}`;
  const line = openLine(node);
  let before: Info | undefined;
  /** Its own word, or how its server ended, or why it says nothing. */
  const look = async (): Promise<{ readonly reply: string } | { readonly how: string } | { readonly why: string }> => {
    let why = "";
    const [begunNs, workedMs] = [monotonic.nowNs(), own?.processorMs()];
    for (let waitedMs = 0; waitedMs < silentMs; waitedMs += 10 * everyMs) {
      const how = await own?.ended();
      if (how !== undefined) return { how };
      try {
        return { reply: await line.ask("INFO") };
      } catch (thrown) {
        why = thrown instanceof Error && "code" in thrown ? String(thrown.code) : messageOf(thrown);
        if (thrown instanceof SilenceError) break;
        await pause(monotonic, 10 * everyMs);
      }
    }
    const tookMs = (monotonic.nowNs() - begunNs) / 1e6;
    const nowMs = own?.processorMs();
    // At work on what it was told to do: that is for those to answer who told it.
    if (nowMs !== undefined && workedMs !== undefined && nowMs - workedMs > busyShare * tookMs) return { reply: "" };
    return { why };
  };
  /** A store that cannot save refuses PING too, and says why. */
  const saving = async (): Promise<string> => {
    const reason = /^-MISCONF (.*)$/.exec(await line.ask("PING").catch(messageOf))?.[1];
    return reason === undefined ? "" : ` (${reason})`;
  };
  return {
    of: "store",
    async look(touched) {
      const seen = await look();
      if (touched("store")) {
        before = undefined;
        return "explained";
      }
      if ("how" in seen)
        return { kind: "ended", what: `${name} ended with ${seen.how}, and not by the run`, fatal: true };
      if ("why" in seen)
        return { kind: "silent", what: `${name} did not answer for ${silentMs / 1000} s (${seen.why})` };
      const now = infoOf(seen.reply);
      if (now.size === 0) return "well"; // an error: it is alive, and busy
      const ailment = ailmentOf(before ?? now, now);
      before = now;
      return ailment === undefined ? "well" : { kind: ailment.kind, what: `${name} ${ailment.what}${await saving()}` };
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}

class SilenceError extends Error {
  override readonly name = "SilenceError";
}

export type Info = ReadonlyMap<string, string>;

/** By field; empty where it is no reply to INFO. */
export const infoOf = (reply: string): Info =>
  new Map(
    [...reply.matchAll(/^([^#:\r\n-][^:\r\n]*):([^\r\n]*)/gm)].map(([, field = "", value = ""]) => [field, value]),
  );

/** Errors that tell of the store's own state, whatever was asked of it. */
const refusals: Readonly<Record<string, string>> = {
  MISCONF: "it could not save to its disk",
  OOM: "its memory was used up",
  LOADING: "it was loading its data",
  CLUSTERDOWN: "its cluster was down",
  MASTERDOWN: "its master was down",
  READONLY: "it was a replica",
  NOREPLICAS: "it had too few replicas",
};

/** What is wrong with a store of which these are two answers, one after the other. */
export function ailmentOf(before: Info, now: Info): Ailment | undefined {
  const number = (info: Info, field: string): number => Number(info.get(field) ?? 0);
  const grown = (field: string): number => number(now, field) - number(before, field);
  const is = (field: string, value: string): boolean => now.get(field) === value;
  const [limit, used] = [number(now, "maxmemory"), number(now, "used_memory")];
  if (before.get("run_id") !== now.get("run_id"))
    return { kind: "restarted", what: "was started again, and not by the run" };
  if (is("loading", "1")) return { kind: "loading", what: "is loading its data, and answers nothing else" };
  if (is("aof_last_write_status", "err"))
    return { kind: "aof", what: "cannot write its append-only file, and refuses all writes" };
  if (is("rdb_last_bgsave_status", "err") && before.get("rdb_last_bgsave_status") === "ok")
    return { kind: "rdb", what: "could not save its data to disk" };
  if (limit > 0 && used >= limit && is("maxmemory_policy", "noeviction"))
    return { kind: "memory", what: `has used up its memory: ${used} of ${limit} bytes` };
  if (grown("evicted_keys") > 0)
    return {
      kind: "evicted",
      what: `threw away ${grown("evicted_keys")} keys for want of memory (maxmemory-policy ${now.get("maxmemory_policy")})`,
    };
  for (const [error, because] of Object.entries(refusals)) {
    const [was, is] = [before, now].map((info) => refused(info, error));
    const more = (is ?? 0) - (was ?? 0);
    if (more > 0) return { kind: error, what: `refused ${more} commands with ${error}: ${because}` };
  }
  return undefined;
}

const refused = (info: Info, error: string): number =>
  Number(/count=(\d+)/.exec(info.get(`errorstat_${error}`) ?? "")?.[1] ?? 0);
