/** The acts of the contract: what is asked of a connection to the system, and what has to come of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { textsOf } from "../../fleet/load/texts.ts";
import { monotonic } from "../../std/clock.ts";
import { eventually, within } from "../../std/deadline.ts";
import { mix } from "../../std/random.ts";
import { sibling } from "../../std/sibling.ts";
import type { Connection, Place, Way } from "../contract.ts";
import { agree, agreeAll } from "./agree.ts";
import { jobs, placesOf, working, type TestConnection, type Working } from "./connect.ts";
import type { LoadedSystem } from "./load-system.ts";

export interface Act {
  readonly needs?: "delays" | "priorities";
  /** What is lost is to be found again as soon as it can be. */
  readonly quick?: true;
  readonly terms?: Partial<TestConnection>;
  does(connection: Connection, stage: Stage): Promise<void>;
}

interface Stage extends LoadedSystem {
  readonly module: string;
  readonly store: Way;
  readonly settings: unknown;
  readonly namespace: string;
}

/** A busy machine is ten times slower. */
const deadlineMs = 60_000;

const held = (places: readonly Place[]) => places.flatMap((place) => ("at" in place ? [place] : []));
const told = (places: readonly Place[]): readonly string[] => held(places).map(({ at, payload }) => `${payload} ${at}`);
const ended = ({ delivery, settlement }: Working["settlements"][number]): string =>
  `${delivery.payload} ${delivery.attempt} ${settlement.settlement === "accepted" ? settlement.as : settlement.settlement}`;
const started = ({ deliveries }: Working): readonly string[] =>
  deliveries.map(({ payload, attempt }) => `${payload} ${attempt}`);

async function agreePlaces(when: string, connection: Connection, expected: readonly string[]): Promise<void> {
  const places = await placesOf(connection);
  agreeAll(`what scan() shows ${when}`, told(places), expected);
  for (const place of places) {
    if ("leftover" in place) agree(`leftovers ${when}, ${place.leftover}`, place.count, 0);
    if ("cardinality" in place)
      agree(
        `the store's own count of ${place.cardinality} ${when}, and what scan() shows there`,
        place.count,
        held(places).filter(({ at }) => at === place.cardinality).length,
      );
  }
}

async function enqueued(connection: Connection, sent: Parameters<Connection["enqueue"]>[0]): Promise<void> {
  const receipts = await connection.enqueue(sent);
  const ids = receipts.map((receipt, n) => (receipt.outcome === "ok" ? receipt.id || `job ${n}` : ""));
  agreeAll(
    "the outcomes of enqueue()",
    receipts.map((receipt) => ("why" in receipt ? `${receipt.outcome}: ${receipt.why}` : receipt.outcome)),
    sent.map(() => "ok"),
  );
  agree("different ids of jobs that are not the same", new Set(ids).size, sent.length);
}

async function agreeDepth(when: string, connection: Connection, expected: number): Promise<void> {
  if (connection.depth !== undefined) agree(`depth() ${when}`, await connection.depth(), expected);
}

const failure = (payload: string, attempt: number): string => `planned failure of ${payload}, attempt ${attempt}`;

const manyTexts = {
  jobs: 60,
  payloadBytes: 300,
  texts: { scripts: 0.6, long: { share: 0.1, upToBytes: 300_000 }, short: 0.1, empty: true },
};

export const acts: Readonly<Record<string, Act>> = {
  "what is enqueued is scanned as waiting, handed over byte for byte, settled once, and gone": {
    async does(connection, { system }) {
      const sent = jobs(100);
      const all = (end: string) => sent.map(({ payload }) => `${payload} ${end}`);
      await enqueued(connection, sent);
      await agreePlaces("before anybody works", connection, all("waiting"));
      const worker = working(connection);
      const ends = system.tellsSettlements ? all("1 done") : [];
      await eventually(() => worker.deliveries.length >= sent.length && worker.settlements.length >= ends.length, {
        deadlineMs,
        awaited: "all jobs to be handed over and settled",
      });
      await worker.stop();
      agreeAll("jobs with their attempts that were handed over", started(worker), all("1"));
      agreeAll("settlements", worker.settlements.map(ended), ends);
      await agreePlaces("when all is done", connection, []);
    },
  },

  "texts of any length and script are scanned, handed over, tried again and buried byte for byte": {
    async does(connection) {
      const chance = (n: number, purpose: string): number =>
        mix(Math.imul(n + 1, 0x9e3779b1 ^ purpose.charCodeAt(0))) / 2 ** 32;
      const { payload } = textsOf(manyTexts, 1, chance);
      const sent = Array.from({ length: manyTexts.jobs }, (_, n) => payload(n));
      await enqueued(
        connection,
        sent.map((text) => ({ payload: text })),
      );
      await agreePlaces(
        "before anybody works",
        connection,
        sent.map((text) => `${text} waiting`),
      );
      const worker = working(connection, () => {
        throw new Error("planned");
      });
      const dead = async (): Promise<boolean> => {
        const places = held(await placesOf(connection));
        return places.length === sent.length && places.every(({ at }) => at === "dead");
      };
      await eventually(dead, { deadlineMs, everyMs: 200, awaited: "scan() to show all jobs as dead" });
      await worker.stop();
      await agreePlaces(
        "when all have failed",
        connection,
        sent.map((text) => `${text} dead`),
      );
      agreeAll(
        "jobs with their attempts that were handed over",
        started(worker),
        [1, 2, 3].flatMap((attempt) => sent.map((text) => `${text} ${attempt}`)),
      );
    },
  },

  "a job that fails is tried again, one that always fails ends in the dead-letter place": {
    async does(connection, { system }) {
      await enqueued(connection, [{ payload: "once" }, { payload: "always" }]);
      const worker = working(connection, ({ payload, attempt }) => {
        if (payload === "always" || attempt === 1) throw new Error(failure(payload, attempt));
      });
      const dead = await eventually(
        async () => {
          const [place, ...more] = held(await placesOf(connection));
          return more.length === 0 && place?.at === "dead" && place;
        },
        { deadlineMs, everyMs: 100, awaited: "one job to be done and one to be dead" },
      );
      const ends = system.tellsSettlements ? ["always 3 dead", "once 2 done"] : [];
      await eventually(() => worker.settlements.length >= ends.length, { deadlineMs, awaited: "both settlements" });
      await worker.stop();
      const attempts = ["always 1", "always 2", "always 3", "once 1", "once 2"];
      agreeAll("jobs with their attempts that were handed over", started(worker), attempts);
      agree("the dead job", dead.payload, "always");
      // What an entry holds beside the payload is the system's choice; what it holds must be right.
      const { attempts: made = 3, firstError = failure("always", 1), lastError = failure("always", 3) } = dead.entry;
      agree("the attempts that the dead letter tells", made, 3);
      if (!firstError.includes(failure("always", 1))) agree("its first error", firstError, failure("always", 1));
      if (!lastError.includes(failure("always", 3))) agree("its last error", lastError, failure("always", 3));
      agreeAll("settlements", worker.settlements.map(ended), ends);
      await agreePlaces("when all is done", connection, ["always dead"]);
    },
  },

  "a delayed job is scanned as such, starts after its delay, and is counted until it is done": {
    needs: "delays",
    async does(connection) {
      await agreeDepth("before anything is enqueued", connection, 0);
      const sentAt = monotonic.nowNs();
      const hourMs = 3_600_000;
      await enqueued(connection, [
        { payload: "later", delayMs: 1500 },
        { payload: "now" },
        { payload: "much later", delayMs: hourMs },
      ]);
      await agreePlaces("before anybody works", connection, ["later delayed", "much later delayed", "now waiting"]);
      await agreeDepth("before anybody works", connection, 3);
      let startedAt = 0;
      const worker = working(connection, ({ payload }) => {
        if (payload === "later") startedAt = monotonic.nowNs();
      });
      await eventually(() => worker.deliveries.length >= 2, { deadlineMs, awaited: "both to start" });
      await worker.stop();
      agree("jobs in the order of their starts", started(worker), ["now 1", "later 1"]);
      const waitedMs = (startedAt - sentAt) / 1e6;
      if (waitedMs < 1499) throw new Error(`a job with a delay of 1500 ms was started after ${waitedMs.toFixed(0)} ms`);
      await agreePlaces("when both are done", connection, ["much later delayed"]);
      await agreeDepth("when both are done", connection, 1);
    },
  },

  "jobs of all priorities are scanned, counted, started, tried again, and end where they should": {
    needs: "priorities",
    terms: { priorities: { high: 8, normal: 3, low: 1 } },
    async does(connection) {
      const names = ["high", "normal", "low"];
      const sent = names.flatMap((priority) => [
        { payload: priority, priority },
        { payload: `${priority}, later`, priority, delayMs: 200 },
        { payload: `${priority}, once`, priority },
        { payload: `${priority}, always`, priority },
      ]);
      await enqueued(connection, sent);
      const place = (payload: string): string => `${payload} ${payload.endsWith("later") ? "delayed" : "waiting"}`;
      await agreePlaces(
        "before anybody works",
        connection,
        sent.map(({ payload }) => place(payload)),
      );
      await agreeDepth("before anybody works", connection, sent.length);
      const worker = working(connection, ({ payload, attempt }) => {
        if (payload.endsWith("always") || (payload.endsWith("once") && attempt === 1)) throw new Error("planned");
      });
      const expected = names.flatMap((name) => [
        `${name} 1`,
        `${name}, later 1`,
        ...[1, 2].map((attempt) => `${name}, once ${attempt}`),
        ...[1, 2, 3].map((attempt) => `${name}, always ${attempt}`),
      ]);
      const isOver = (): boolean => worker.deliveries.length >= expected.length;
      await eventually(isOver, { deadlineMs, awaited: "all attempts of all jobs" });
      await worker.stop();
      agreeAll("jobs with their attempts that were handed over", started(worker), expected);
      await agreePlaces(
        "when all is done",
        connection,
        names.map((name) => `${name}, always dead`),
      );
    },
  },

  "the jobs of a killed worker are run again within its own bound": {
    quick: true,
    async does(connection, stage) {
      const sent = jobs(5);
      await enqueued(connection, sent);
      await killedAtWork(sent.length, stage);
      const worker = working(connection);
      const { recoveryMs } = stage.system.bounds(stage.settings);
      await eventually(() => worker.deliveries.length >= sent.length, {
        deadlineMs: recoveryMs + 10_000,
        everyMs: 50,
        awaited: `the jobs of a killed worker to start again: bounds() says within ${recoveryMs} ms`,
      });
      await worker.stop();
      await agreePlaces("when all is done", connection, []);
    },
  },
};

/** A worker in a process of its own that has started so many jobs, and is dead. */
async function killedAtWork(count: number, { module, settings, store, namespace }: Stage): Promise<void> {
  const words = [module, JSON.stringify(settings), JSON.stringify(store), namespace, "doomed"];
  const doomed = spawn(process.execPath, [sibling(import.meta.url, "./hanging-process"), ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(doomed, "exit");
  let said = "";
  doomed.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  try {
    await eventually(() => said.split("\n").length > count || doomed.exitCode !== null, {
      deadlineMs,
      awaited: "a worker that is to be killed to start all jobs",
    });
    if (doomed.exitCode !== null) throw new Error(`a worker in a process of its own ended with ${doomed.exitCode}`);
  } finally {
    doomed.kill("SIGKILL");
    await within(gone, deadlineMs, "the doomed worker to be gone");
  }
}
