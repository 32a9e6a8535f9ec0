/**
 * One configuration in one round: its team, its queue, and the directory in which all of it is on file, as in a run.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { library } from "../../catalogues/configuration.ts";
import { describe } from "../../harness/description.ts";
import { drain } from "../../harness/drain.ts";
import { connectTo } from "../../fleet/adapter/connect.ts";
import { workScript } from "../../fleet/load/work-script.ts";
import { runDirectory, type RunDirectory } from "../../harness/run-directory.ts";
import { scan } from "../../harness/scan.ts";
import { sealRecord } from "../../harness/seal.ts";
import { openJournal, type Journal } from "../../history/journal-file.ts";
import type { Phase } from "../../history/journal.ts";
import { historyFile } from "../../history/reader.ts";
import { openRecorder } from "../../history/recorder.ts";
import type { Clock } from "../../std/clock.ts";
import { DeadlineError, eventually } from "../../std/deadline.ts";
import { messageOf } from "../../std/user-error.ts";
import { MemberError } from "../../fleet/life.ts";
import type { Connection } from "../../systems/contract.ts";
import type { Contender, Ground, Played, Slice } from "./contract.ts";
import { startTeam, type Files, type Team } from "./team.ts";

export interface Side {
  readonly contender: Contender;
  readonly slices: readonly Slice[];
  /** Builds a backlog while nobody works. */
  fill(jobs: number): Promise<void>;
  /** Works off what was filled in. */
  workOff(kind: "warm-up" | "backlog", lap: number): Promise<void>;
  /** Works while a steady load is offered. */
  carry(kind: "warm-up" | "steady", lap: number, jobs: number, seconds: number): Promise<void>;
  /** @param mishap why it ends before its time, if it does */
  finish(mishap: string | undefined, stop: AbortSignal): Promise<Played>;
}

/** Nothing moved for this long in a slice: what is left is for the drain to find. */
const stuckMs = 30_000;
/** Before the first job of a steady load is due, so that the producer has its order by then. */
const leadNs = 30e6;

/** Everything that it starts ends with the scope. @throws MemberError when a process does not come up */
export async function openSide(
  ground: Ground,
  contender: Contender,
  round: number,
  scope: AsyncDisposableStack,
): Promise<Side> {
  const { plan, key } = contender;
  const { clock } = ground;
  const directory = runDirectory(join(ground.rounds, `${String(round + 1).padStart(2, "0")}-${key}`));
  mkdirSync(directory.history, { recursive: true });
  mkdirSync(directory.file("logs"));
  const journal = openJournal(directory.journal, clock);
  const phase = (name: Phase): void => journal.write({ type: "phase", phase: name });
  const post = {
    configuration: ground.configuration,
    directory: ground.directory,
    system: plan.system,
    settings: plan.settings,
    namespace: `${ground.namespace}-${round + 1}-${key}`,
    load: plan.load,
    seed: plan.jobSeed,
    patienceMs: plan.limits.patienceMs,
  };
  const files = { ...filesIn(directory), tellsSettlements: plan.tellsSettlements };
  const team = scope.use(await startTeam(post, ground.paths.of, files, [journal, ground.journal]));
  const connection = scope.use(
    await connectTo(
      ground.catalogues.systems,
      { ...post, role: "harness", slot: 0, incarnation: 0, links: ground.paths.direct },
      {
        load: (name) => library(name, ground.directory).load(),
        flaw: (why) => journal.write({ type: "flaw", why }),
      },
    ),
  );
  phase("load");

  const turns = turnsOf(team, ground, key);
  const { slices } = turns;
  return {
    contender,
    ...turns,
    async finish(mishap, stop) {
      const record = { directory, journal, connection, phase };
      phase("heal");
      const why = await drained(team, record, plan, clock, stop).then(
        () => mishap,
        (thrown: unknown) => mishap ?? messageOf(thrown),
      );
      phase("scan");
      if (why !== undefined) journal.write({ type: "stopped", why });
      await scanAll(record, plan, clock);
      phase("over");
      describeRound(directory, ground, plan, post.namespace, turns.sent());
      await sealRecord(directory);
      return { key, directory, slices };
    },
  };
}

const filesIn = ({ history, log }: RunDirectory): Files => ({
  history: (incarnation) => historyFile(history, incarnation),
  log: (role, slot) => log(`${role}-${slot}`),
});

interface RoundRecord {
  readonly directory: RunDirectory;
  readonly journal: Journal;
  readonly connection: Connection;
  phase(name: Phase): void;
}

type RoundPlan = Contender["plan"];

async function drained(
  team: Team,
  { connection, journal, phase }: RoundRecord,
  { limits }: RoundPlan,
  clock: Clock,
  stop: AbortSignal,
): Promise<void> {
  await team.work();
  phase("drain");
  const startNs = clock.nowNs();
  const movement = { moved: () => team.progress().moves, atWork: () => 0 };
  const outcome = await drain(connection, movement, limits, clock, stop);
  journal.write({ type: "drain", ...outcome, seconds: (clock.nowNs() - startNs) / 1e9 });
  await team.rest();
  await team.leave();
}

async function scanAll(
  { directory, connection, journal }: RoundRecord,
  { load, jobSeed }: RoundPlan,
  clock: Clock,
): Promise<void> {
  const recorder = openRecorder(historyFile(directory.history, 0), { incarnation: 0, role: "harness" }, clock);
  try {
    journal.write({ type: "scanned", ...(await scan(connection, workScript(load, jobSeed), recorder)) });
  } catch (thrown) {
    journal.write({ type: "scanned", finished: false, agrees: false, leftovers: [], why: messageOf(thrown) });
  }
  recorder.close();
}

/** As a run's, so that the record is judged as a run's is. */
function describeRound(
  directory: RunDirectory,
  { catalogues, environment, paths, versions, commit }: Ground,
  plan: RoundPlan,
  namespace: string,
  jobs: number,
): void {
  const actual = { ...plan, ...restingTerms(plan, catalogues.checks), jobs, load: { ...plan.load, jobs } };
  const facts = { id: directory.id, namespace, commit, repeat: [] };
  const description = describe(facts, actual, environment, paths, versions);
  writeFileSync(directory.description, `${JSON.stringify(description, null, 2)}\n`);
}

interface Turns extends Pick<Side, "slices" | "fill" | "workOff" | "carry"> {
  sent(): number;
}

/** The slices of a round, one after the other; each ends when as many jobs as were sent are finished. */
function turnsOf(team: Team, { clock, store }: Pick<Ground, "clock" | "store">, key: string): Turns {
  const slices: Slice[] = [];
  let sent = 0;
  let worked = 0;
  const finished = (): number => team.progress().finished;

  const allFinished = async (): Promise<void> => {
    while (finished() < sent) {
      const before = finished();
      const moved = eventually(() => finished() !== before, {
        deadlineMs: stuckMs,
        everyMs: 5,
        awaited: "a job to be settled",
      });
      await moved.catch((thrown: unknown) => {
        if (!(thrown instanceof DeadlineError)) throw thrown;
        throw new MemberError(`${key}: no job moved for ${stuckMs / 1000} s, and ${sent - finished()} were left`);
      });
    }
  };
  const slice = async (
    kind: Slice["kind"],
    lap: number,
    jobs: number,
    meanwhile: (from: number) => Promise<void>,
  ): Promise<void> => {
    const from = worked;
    await team.work({ jobs, brokers: store.pids });
    const startNs = clock.nowNs();
    await meanwhile(from);
    await allFinished();
    const seconds = (clock.nowNs() - startNs) / 1e9;
    const stretches = await team.rest();
    worked = sent;
    if (stretches.length > 0) slices.push({ kind, lap, from, to: sent, seconds, stretches });
  };

  return {
    slices,
    sent: () => sent,
    async fill(jobs) {
      await team.enqueue(sent, sent + jobs);
      sent += jobs;
    },
    workOff: (kind, lap) => slice(kind, lap, sent - worked, async () => {}),
    carry: (kind, lap, jobs, seconds) =>
      slice(kind, lap, jobs, async (from) => {
        sent += jobs;
        await team.offer(from, sent, clock.nowNs() + leadNs, seconds);
      }),
  };
}

/** Between its turns a worker is told to rest, and jobs wait for its turn: no promise is about that. */
function restingTerms(
  { claims, waives }: Contender["plan"],
  checks: Ground["catalogues"]["checks"],
): Pick<Contender["plan"], "claims" | "waives"> {
  const waiting = Object.keys(claims).filter((name) => checks[name]?.ofWaiting === true);
  return {
    claims: Object.fromEntries(Object.entries(claims).filter(([name]) => !waiting.includes(name))),
    waives: { ...waives, ...Object.fromEntries(waiting.map((name) => [name, "workers rest between their turns"])) },
  };
}
