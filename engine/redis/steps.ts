/**
 * Everything that a worker does to the broker, one function a step. Each says what is known afterwards; none rejects. A
 * step that could not be done answers undefined, and its caller comes back to it: all of them may be repeated.
 */
import { batchBytesMax, fitting, payloadBytesDefault, stepBytesMax } from "./bounds.ts";
import type { Answer, Broker } from "./broker.ts";
import { span, type PendingEntry } from "./entry.ts";
import { group, released, suspected, type Keys } from "./keys.ts";
import { list, pairs, textOf } from "./reply.ts";
import { script } from "./script.ts";
import { settleArguments, settleAnswerOf, type SettleAnswer, type SettlementRequest } from "./settlement.ts";

export interface Steps {
  join(consumer: string): Promise<true | undefined>;
  /** False: declared dead. */
  beat(consumer: string): Promise<boolean | undefined>;
  /** New entries; waits up to `waitMs` where there are none, and not at all where it is 0. */
  read(consumer: string, count: number, waitMs: number): Promise<readonly PendingEntry[] | undefined>;
  /** Ends a read that waits. */
  unblock(): Promise<void>;
  /** What the consumer owns from that entry on, and whether that was all. */
  recover(
    consumer: string,
    from: string,
  ): Promise<{ readonly entries: readonly PendingEntry[]; readonly all: boolean } | undefined>;
  /** @param requests the done first, then the retried, then the dead */
  settle(consumer: string, batch: number, requests: readonly SettlementRequest[]): Promise<SettleAnswer>;
  /** Ids of what the consumer owns, in order, from that entry on, and whether that was all. */
  owned(
    consumer: string,
    from: string,
  ): Promise<{ readonly entries: readonly string[]; readonly all: boolean } | undefined>;
  survey(): Promise<Survey | undefined>;
  /** Tells others who stands still, for so long. */
  watch(still: readonly Still[], keptMs: number): Promise<true | undefined>;
  /** Declares a worker dead whose counter still is what was seen. */
  bury(worker: string, counter: string): Promise<boolean | undefined>;
  /** What became a suspect is set aside, and is not among the entries. */
  claim(taker: string, dead: string, limit: number): Promise<Claimed | undefined>;
  /** Some of those that were set aside. */
  suspects(): Promise<readonly Suspect[] | undefined>;
  /** @param alone whether its run is put on record */
  isolate(taker: string, suspect: string, alone: boolean): Promise<Isolated | undefined>;
  /** That run did not end its worker. */
  absolve(consumer: string, suspect: string): Promise<true | undefined>;
  /** Lane to the number of its last batch. */
  lanes(): Promise<ReadonlyMap<string, string> | undefined>;
  /** Drops a lane that still is where it was seen. */
  dropLane(lane: string, number: string): Promise<boolean | undefined>;
  /** How often it ticked, as the broker keeps it. */
  ticks(): Promise<string | undefined>;
  /** One more, if it still is as it was seen; after `turn` of them, callers' keys from before the last turn are forgotten. */
  tick(seen: string, turn: number): Promise<boolean | undefined>;
  /** How many were moved. */
  promote(): Promise<number | undefined>;
  release(consumer: string, entries: readonly string[]): Promise<true | undefined>;
  leave(consumer: string): Promise<true | undefined>;
}

/** A counter that stands still, as one watcher or several have seen it. */
export interface Still {
  readonly name: string;
  readonly value: string;
  readonly stillMs: number;
}

export interface Survey {
  /** Worker to its heartbeat counter. */
  readonly counters: ReadonlyMap<string, string>;
  /** Consumer to its number of pending entries. */
  readonly pending: ReadonlyMap<string, number>;
  /** Worker to the counter at which others saw it stand still, and for how long. */
  readonly watched: ReadonlyMap<string, Omit<Still, "name">>;
}

export interface Suspect {
  readonly entry: string;
  /** Set aside for the first time. */
  readonly isNew: boolean;
}

export interface Claimed {
  readonly state: "more" | "gone" | "alive" | "lost";
  readonly entries: readonly PendingEntry[];
}

export type Isolated =
  /** `killed`: so many workers died in which it ran alone. */
  | { readonly state: "taken"; readonly held: PendingEntry; readonly killed: number }
  | { readonly state: "gone" | "lost" };

/** A job that is delivered for this time was in the hands of two workers that died: one of them may be by chance, two rarely. */
const suspectDelivery = 3;
/** Of so many suspects each worker picks at random. */
const suspectsSeen = 30;
/** Upper limit of what is moved, read back or handed back in one step: a script keeps everybody else waiting. */
const page = 500;
export const blockMs = 1000;

/** One step each; a step's file says what it does and why it is one. */
export const scripts = {
  join: script("join"),
  beat: script("beat"),
  recover: script("recover"),
  settle: script("settle"),
  survey: script("survey"),
  watch: script("watch"),
  forget: script("forget"),
  claim: script("claim"),
  isolate: script("isolate"),
  absolve: script("absolve"),
  tick: script("tick"),
  promote: script("promote"),
  release: script("release"),
  leave: script("leave"),
};

export interface Tools {
  readonly commands: Broker;
  /** Only for reads that wait. */
  readonly reader: Broker;
  readonly keys: Keys;
  /** Of the part; it stands in its dead letters. */
  readonly priority?: string;
  /** Of the job type. */
  readonly payloadBytesMax?: number;
  /** Told of every error reply. */
  readonly failed: (message: string) => void;
}

export function stepsOn(
  { commands, reader, keys, priority = "", payloadBytesMax = payloadBytesDefault, failed }: Tools,
  lua: typeof scripts = scripts,
): Steps {
  const { jobs, delayed, dead, lanes, workers, watched, settled, clock, suspects, known, knownBefore, ticks } = keys;

  /** The value of an answer. A group that was lost (by a flush, a failover, a hand) is made anew, from the first entry on. */
  async function value(asked: Promise<Answer>): Promise<unknown> {
    const answer = await asked;
    if (answer.kind === "answer") return answer.value;
    if (answer.kind === "error") {
      failed(answer.message);
      if (isLostGroup(answer.message)) await commands.command("XGROUP", "CREATE", jobs, group, "0", "MKSTREAM");
    }
    return undefined;
  }
  const done = async (asked: Promise<Answer>): Promise<true | undefined> =>
    (await value(asked)) === undefined ? undefined : true;

  async function yesOrNo(asked: Promise<Answer>): Promise<boolean | undefined> {
    const said = await value(asked);
    return said === undefined ? undefined : said === 1;
  }
  const forget = (hash: string, field: string, seen: string): Promise<boolean | undefined> =>
    yesOrNo(commands.run(lua.forget, [hash], [field, seen]));

  return {
    join: (consumer) =>
      done(commands.run(lua.join, [jobs, workers, settled, delayed, dead, suspects], [group, consumer])),
    beat: (consumer) => yesOrNo(commands.run(lua.beat, [workers], [consumer])),
    async read(consumer, count, waitMs) {
      const patience = waitMs === 0 ? [] : ["BLOCK", waitMs]; // BLOCK 0 would be for ever
      const which = ["GROUP", group, consumer, "COUNT", count, ...patience, "STREAMS", jobs, ">"] as const;
      const reply = await value(reader.command("XREADGROUP", ...which));
      // One stream was asked for: [[its name, its entries]], or null when there was nothing in time.
      return reply === undefined ? undefined : list(list(list(reply)[0])[1]).map(fresh);
    },
    async unblock() {
      const id = reader.clientId();
      if (id !== undefined) await commands.command("CLIENT", "UNBLOCK", id);
    },
    async recover(consumer, from) {
      const reply = await value(commands.run(lua.recover, [jobs], [group, consumer, from, page, stepBytesMax]));
      if (reply === undefined) return undefined;
      const [all, ...entries] = list(reply);
      // An entry without content was removed by someone else; it has left the pending list with this.
      return { entries: entries.map(redelivered).filter(({ meta }) => meta !== ""), all: all === 1 };
    },
    async settle(consumer, batch, requests) {
      const answer = await commands.run(
        lua.settle,
        [jobs, delayed, dead, settled, clock, suspects],
        [
          group,
          consumer,
          batch,
          ...span(requests.map(({ held }) => held.entry)),
          ...settleArguments(requests, priority),
        ],
      );
      if (answer.kind === "answer") return settleAnswerOf(answer.value);
      if (answer.kind === "unanswered") return answer;
      if (answer.kind === "error") await value(Promise.resolve(answer));
      return { kind: "not-done", message: answer.message };
    },
    async owned(consumer, from) {
      const rows = await value(commands.command("XPENDING", jobs, group, from, "+", page, consumer));
      if (rows === undefined) return undefined;
      const entries = list(rows).map((row) => textOf(list(row)[0]));
      return { entries, all: entries.length < page };
    },
    async survey() {
      const reply = await value(commands.run(lua.survey, [jobs, workers, watched], [group]));
      if (reply === undefined) return undefined;
      const [counters, consumers, told] = list(reply);
      const pending = new Map([...pairs(consumers)].map(([name, count]) => [name, Number(count)] as const));
      return { counters: pairs(counters), pending, watched: new Map([...pairs(told)].map(stillAt)) };
    },
    watch: (still, keptMs) =>
      done(
        commands.run(
          lua.watch,
          [watched],
          [
            Math.ceil(keptMs),
            ...still.flatMap(({ name, value, stillMs }) => [name, `${value} ${Math.floor(stillMs)}`]),
          ],
        ),
      ),
    bury: (worker, counter) => forget(workers, worker, counter),
    async lanes() {
      const reply = await value(commands.command("HGETALL", lanes));
      return reply === undefined ? undefined : pairs(reply);
    },
    dropLane: (lane, number) => forget(lanes, lane, number),
    async ticks() {
      const seen = await value(commands.command("GET", ticks));
      return seen === undefined ? undefined : textOf(seen);
    },
    tick: (seen, turn) => yesOrNo(commands.run(lua.tick, [known, knownBefore, ticks], [seen, turn])),
    async claim(taker, from, limit) {
      const count = Math.min(limit, Math.max(1, fitting(batchBytesMax, payloadBytesMax)));
      const whom = [group, taker, from, count, suspected, suspectDelivery];
      const reply = await value(commands.run(lua.claim, [jobs, workers, settled], whom));
      if (reply === undefined) return undefined;
      const [state, ...entries] = list(reply);
      if (state !== "more" && state !== "gone" && state !== "alive" && state !== "lost") return undefined;
      return { state, entries: entries.map(redelivered) };
    },
    async suspects() {
      const rows = await value(commands.command("XPENDING", jobs, group, "-", "+", suspectsSeen, suspected));
      if (rows === undefined) return undefined;
      return list(rows).map((row) => {
        const [entry, , , deliveries] = list(row);
        return { entry: textOf(entry), isNew: Number(deliveries) < suspectDelivery };
      });
    },
    async isolate(taker, entry, alone) {
      const which = [group, taker, entry, suspected, alone ? 1 : 0];
      const reply = await value(commands.run(lua.isolate, [jobs, workers, suspects], which));
      const [state, deliveries, fields, killed] = list(reply);
      if (state === "gone" || state === "lost") return { state };
      if (state !== "taken") return undefined;
      return { state, held: redelivered([entry, deliveries, fields]), killed: Number(killed) };
    },
    absolve: (consumer, entry) => done(commands.run(lua.absolve, [suspects], [entry, consumer])),
    async promote() {
      let moved = 0;
      for (;;) {
        const now = await value(commands.run(lua.promote, [delayed, jobs, clock], [page]));
        if (typeof now !== "number") return undefined;
        moved += now;
        if (now === 0) return moved;
      }
    },
    release: (consumer, entries) => done(commands.run(lua.release, [jobs], [group, consumer, released, ...entries])),
    async leave(consumer) {
      for (;;) {
        const left = await value(commands.run(lua.leave, [jobs, workers, settled], [group, consumer, released, page]));
        if (left === undefined) return undefined;
        if (left === 1) return true;
      }
    },
  };
}

const stillAt = ([name, told]: readonly [string, string]): [string, Omit<Still, "name">] => {
  const [value = "", ms = ""] = told.split(" ");
  return [name, { value, stillMs: Number(ms) || 0 }];
};

const isLostGroup = (message: string): boolean =>
  message.includes("NOGROUP") || message.includes("no such key") || message.startsWith("UNBLOCKED");

/** [id, [field, value, ...]] of an entry that nobody had before. The engine writes `m` before `p`. */
function fresh(entry: unknown): PendingEntry {
  const [id, fields] = list(entry);
  const [, meta, , payload] = list(fields);
  return { entry: textOf(id), deliveries: 1, meta: textOf(meta), payload: textOf(payload) };
}

/** [id, deliveries, [field, value, ...]] */
function redelivered(entry: unknown): PendingEntry {
  const [id, deliveries, fields] = list(entry);
  const [, meta, , payload] = list(fields);
  return { entry: textOf(id), deliveries: Number(deliveries), meta: textOf(meta), payload: textOf(payload) };
}
