/**
 * How the store fares, by its own word: one question (INFO) on a connection of our own, which is kept, so that a queue that
 * leaves no connection for others is not taken for a store that is ill. Any answer is a sign of life, an error as well.
 */
import type { Address } from "../../chaos/contract.ts";
import { openProbe, type Probe } from "../../chaos/levers/probe.ts";
import type { OwnServer } from "../../chaos/levers/store.ts";
import { eventually } from "../../std/deadline.ts";
import { messageOf } from "../../std/user-error.ts";
import { textOf } from "./address.ts";
import type { Ailment, Subject } from "./health.ts";

/** Longer than a busy machine, a script that is let run, or the restart of a server that is somebody else's takes. */
const answerMs = 10_000;

export function storeHealth(node: Address, own: OwnServer | undefined): Subject {
  const name = `the store at ${textOf(node)}`;
  let probe: Probe | undefined;
  let before: Info | undefined;
  /** Its reply, or why there is none. */
  const ask = async (question: string): Promise<{ readonly reply: string } | { readonly why: string }> => {
    try {
      if (probe === undefined || probe.ended() !== undefined) {
        probe?.[Symbol.dispose]();
        probe = undefined;
        probe = await openProbe(node);
      }
      const asked = probe;
      asked.say(question);
      const answered = (): string | false => asked.heard() ?? (asked.ended() !== undefined && `!${asked.ended()}`);
      const reply = await eventually(answered, { deadlineMs: answerMs, awaited: "its answer", everyMs: 5 });
      return reply.startsWith("!") ? { why: reply.slice(1) } : { reply };
    } catch (thrown) {
      probe?.[Symbol.dispose](); // what it would say now answers another question
      probe = undefined;
      return { why: thrown instanceof Error && "code" in thrown ? String(thrown.code) : messageOf(thrown) };
    }
  };
  /** A store that cannot save refuses PING too, and says why. */
  const saving = async (): Promise<string> => {
    const answer = await ask("PING");
    const reason = "reply" in answer ? /^-MISCONF (.*)$/.exec(answer.reply)?.[1] : undefined;
    return reason === undefined ? "" : ` (${reason})`;
  };
  return {
    of: "store",
    async look(touched) {
      let why = "";
      let how: string | undefined;
      const reply = await eventually(
        async () => {
          how = await own?.ended();
          if (how !== undefined) return "";
          const answer = await ask("INFO");
          if ("reply" in answer) return answer.reply;
          ({ why } = answer);
          return false;
        },
        { deadlineMs: answerMs, awaited: "the store to answer", everyMs: 100 },
      ).catch(() => undefined);
      if (touched("store")) {
        before = undefined;
        return "explained";
      }
      if (how !== undefined)
        return {
          kind: "ended",
          what: `${name} ended with ${how}, and not by the run`,
          fatal: true,
        };
      if (reply === undefined)
        return { kind: "silent", what: `${name} did not answer for ${answerMs / 1000} s (${why})` };
      const now = infoOf(reply);
      if (now.size === 0) return "well"; // an error: it is alive, and busy
      const ailment = ailmentOf(before ?? now, now);
      before = now;
      if (ailment === undefined) return "well";
      return { kind: ailment.kind, what: `${name} ${ailment.what}${await saving()}` };
    },
    [Symbol.dispose]: () => probe?.[Symbol.dispose](),
  };
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
