/**
 * One run, its phases top-down: environment, fleet, load beside trouble, heal, drain, scan. What it leaves is a
 * directory with the whole truth; judging it is another step (conclude.ts), the same now as in a year.
 */
import { resolve } from "node:path";
import { openJournal, type Journal } from "../history/journal-file.ts";
import type { Phase } from "../history/journal.ts";
import { historyFile } from "../history/reader.ts";
import { openRecorder, type Recorder } from "../history/recorder.ts";
import { calendarNow, type Clock } from "../std/clock.ts";
import { aborted } from "../std/deadline.ts";
import { messageOf } from "../std/user-error.ts";
import type { Connection } from "../systems/contract.ts";
import type { Catalogues } from "../catalogues/catalogues.ts";
import { library } from "../catalogues/configuration.ts";
import { watchConnections } from "./connections.ts";
import { drain, movementOf } from "./drain.ts";
import type { Given } from "./environment/contract.ts";
import { watchHealth } from "./environment/health.ts";
import { startGuardian } from "./guardian.ts";
import { expectRoom, thisMachine } from "./machine-limits.ts";
import { harnessLine } from "../history/harness-line.ts";
import { watchThresholds } from "./early.ts";
import { endIfStopped, endingJournal, endsOf, lostOf, unlessStopped, type Ends } from "./ends.ts";
import { errorOf } from "../fleet/failure.ts";
import { fleet, type Fleet } from "../fleet/supervisor.ts";
import { workScript } from "../fleet/load/work-script.ts";
import type { Plan } from "./plan.ts";
import { postsOf, takePosts, takePostsLater, type Posts } from "./posts.ts";
import { watchProgress, type Progress, type Watch } from "./progress.ts";
import { createRunDirectory, type RunDirectory } from "./run-directory.ts";
import { takeSamples } from "./samples.ts";
import { scan } from "./scan.ts";
import { sealRecord } from "./seal.ts";
import { flawsIn, killAfter, nothingBegan, stopFleet, untilOffered, type Flaws } from "./shortfalls.ts";
import { describeIn, layOut, openScanner, type Site } from "./site.ts";
import { trouble } from "./trouble.ts";

export { StoppedEarly } from "./ends.ts";

export interface RunRequest {
  readonly plan: Plan;
  readonly catalogues: Catalogues;
  /** The module whose default export the catalogues are; children load it again. */
  readonly configuration: string;
  /** Client libraries are resolved from here. */
  readonly directory: string;
  /** Where run directories are made. */
  readonly runs: string;
  readonly given: Given;
  /** What else stands in the command that repeats the run: where things are, as the user wrote it. */
  readonly repeat?: readonly string[];
}

export interface RunTools {
  readonly clock: Clock;
  progress(progress: Progress): void;
  /** A line for whoever watches: something that is no part of the result. */
  told(line: string): void;
  /** Where everything is recorded from now on. */
  began?(directory: string): void;
}

/**
 * Executes the plan and returns the directory with its history, also when `stop` cut it short.
 * @throws UserError when something that it needs cannot be had, StoppedEarly when `stop` came before the load,
 * ForeignError when the system never did what it is asked for, RecordLost; everything that it started is stopped then
 * too
 */
export async function run(request: RunRequest, tools: RunTools, stop: AbortSignal): Promise<RunDirectory> {
  const { plan } = request;
  expectRoom(plan, thisMachine(resolve(request.runs)));
  const versions = Object.fromEntries(plan.packages.map((name) => [name, library(name, request.directory).version]));
  const directory = createRunDirectory(request.runs, `${plan.scenario}-${plan.system}`, calendarNow());
  tools.began?.(directory.path);
  using ends = endsOf(directory, plan.limits.mostMs, stop);
  try {
    await execute(request, { directory, versions }, tools, ends);
  } catch (thrown) {
    const lost = lostOf(directory);
    // What ended it is to be told, whatever becomes of its checksums.
    if (lost === undefined) await sealRecord(directory).catch(() => {});
    throw lost ?? thrown;
  }
  const lost = lostOf(directory);
  if (lost !== undefined) throw lost;
  // Without them it is unknown, which is told with all that is known.
  await sealRecord(directory).catch((thrown: unknown) => tools.told(messageOf(thrown)));
  return directory;
}

/** What is known before anything begins. */
export interface Prepared {
  readonly directory: RunDirectory;
  /** Of the client libraries. */
  readonly versions: Readonly<Record<string, string>>;
}

async function execute(request: RunRequest, place: Prepared, tools: RunTools, ends: Ends): Promise<void> {
  const { plan, configuration } = request;
  const { directory } = place;
  const { signal: stop } = ends;
  using watch = watchProgress(plan, tools);
  await using scope = new AsyncDisposableStack();
  const record = openRecord(directory, tools.clock, ends, scope);
  const { journal } = record;
  const guardian = startGuardian(directory.path);
  scope.defer(() => guardian.dismiss());

  const site = await layOut(request, record, stop, tools, scope);
  describeIn(place, request, site);
  // Before the load, since it takes a while to be there.
  using early = watchThresholds({ asked: plan.asked, directory, configuration }, ends.end);
  const flaws = flawsIn(journal, ends.end);
  const connection = await unlessStopped(openScanner(request, site, flaws, scope), stop, journal);

  const crew = crewOf(request, site, record, flaws);
  scope.defer(async () => void (await killAfter(crew.fleet, 0)));
  watch.follow(crew.fleet);
  await takePosts(crew.fleet, crew.posts.first, stop);
  endIfStopped(stop, journal);

  await drive(request, tools.clock, { record, site, connection, crew, watch, early }, ends);
}

/** What is on file of a run while it goes on. */
export interface RunRecord {
  readonly directory: RunDirectory;
  readonly journal: Journal;
  readonly recorder: Recorder;
  phase(name: Phase): void;
}

function openRecord(directory: RunDirectory, clock: Clock, { end }: Ends, scope: AsyncDisposableStack): RunRecord {
  const journal = endingJournal(openJournal(directory.journal, clock), directory, end);
  journal.write(harnessLine());
  const phase = (name: Phase): void => journal.write({ type: "phase", phase: name });
  scope.defer(() => phase("over"));
  const recorder = openRecorder(historyFile(directory.history, 0), { incarnation: 0, role: "harness" }, clock);
  scope.defer(() => recorder.close());
  return { directory, journal, recorder, phase };
}

/** The processes of a run, where they are to stand, and what their adapters did against the contract. */
interface Crew {
  readonly fleet: Fleet;
  readonly posts: Posts;
  readonly flaws: Flaws;
}

function crewOf(
  { plan, configuration, directory: from }: RunRequest,
  { environment, namespace, paths }: Site,
  { directory, journal }: RunRecord,
  flaws: Flaws,
): Crew {
  const crew = fleet(
    {
      history: (incarnation) => historyFile(directory.history, incarnation),
      log: (role, slot) => directory.log(`${role}-${slot}`),
      variables: (slot) => environment.variablesFor(slot),
      flaw: flaws.tell,
      replaces: true,
    },
    journal,
  );
  crew.stand("worker", { do: "work" });
  const posts = postsOf(plan, { paths, namespace: namespace.name, configuration, directory: from });
  return { fleet: crew, posts, flaws };
}

interface Parts {
  readonly record: RunRecord;
  readonly site: Site;
  readonly connection: Connection;
  readonly crew: Crew;
  readonly watch: Watch;
  /** Watches for what is to end the run. */
  readonly early: Disposable;
}

/** From the first intended job to the last page of the scan. */
async function drive({ plan, catalogues }: RunRequest, clock: Clock, parts: Parts, ends: Ends): Promise<void> {
  const { record, site, connection, crew, watch, early } = parts;
  const { journal, recorder, phase } = record;
  const { environment } = site;
  using samples = takeSamples(environment.redis.address, connection, recorder, clock);
  // Whatever else ends the run does it as a stop by the user would.
  const { signal: ended } = ends;

  const originNs = clock.nowNs() + 50e6;
  phase("load");
  crew.fleet.stand("producer", { do: "run", originNs });
  const levers = environment.levers(crew.fleet);
  using connections = watchConnections(levers.store.traffic, levers.store.nodes);
  const tools = { journal, clock, handles: environment.handles };
  const faults = trouble(plan.schedule, catalogues.faults, levers, tools, originNs, ended);
  watch.load(originNs, faults, (failure) => ends.end(errorOf(failure)));
  const { touched } = faults;
  const lost = (why: string): void => ends.end(new Error(why));
  await using health = new AsyncDisposableStack();
  health.use(watchHealth(environment.subjects(record.directory.path), { clock, journal, touched, lost }));
  const complete = takePostsLater(crew.fleet, crew.posts, { clock, originNs }, ended).catch(ends.end);
  const untroubled = await untilOffered(plan, crew, faults, ended);
  await complete;
  watch.stage("healing");
  phase("heal");
  await faults.over;

  watch.stage("draining");
  phase("drain");
  const drainStartNs = clock.nowNs();
  const drained = await drain(connection, movementOf(crew.fleet), plan.limits, clock, ended);
  early[Symbol.dispose](); // nothing is left that could be spared
  journal.write({ type: "drain", ...drained, seconds: (clock.nowNs() - drainStartNs) / 1e9 });
  journal.write({ type: "connections", ...(await connections.sum()) });
  const idle = drained.outcome === "drained" || ended.aborted ? undefined : nothingBegan(plan, crew, untroubled);
  if (idle !== undefined) {
    journal.write({ type: "stopped", why: idle.message });
    throw idle;
  }

  watch.stage("stopping");
  await stopFleet(plan, crew, ended);
  samples[Symbol.dispose]();
  watch.stage("scanning");
  phase("scan");
  if (!ended.aborted) await Promise.race([scanAll(plan, connection, record, ended), aborted(ended)]);
  if (ended.aborted) journal.write({ type: "stopped", why: messageOf(ended.reason) });
}

async function scanAll(
  plan: Plan,
  connection: Connection,
  { journal, recorder }: RunRecord,
  ended: AbortSignal,
): Promise<void> {
  const said = await scan(connection, workScript(plan.load, plan.jobSeed), recorder).catch((thrown: unknown) => ({
    finished: false,
    agrees: false,
    leftovers: [],
    why: messageOf(thrown),
  }));
  if (!ended.aborted) journal.write({ type: "scanned", ...said });
}
