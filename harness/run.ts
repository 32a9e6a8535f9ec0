/**
 * One run, its phases top-down: environment, fleet, load beside trouble, heal, drain, scan. What it leaves is a
 * directory with the whole truth; judging it is another step (conclude.ts), the same now as in a year.
 */
import { basename, resolve } from "node:path";
import { openJournal, type Journal } from "../history/journal-file.ts";
import type { Phase } from "../history/journal.ts";
import { isClock } from "../history/resource.ts";
import { historyFile } from "../history/reader.ts";
import { openRecorder, type Recorder } from "../history/recorder.ts";
import { calendarNow, type Clock } from "../std/clock.ts";
import { aborted } from "../std/deadline.ts";
import { messageOf } from "../std/user-error.ts";
import type { Connection } from "../systems/contract.ts";
import type { Catalogues } from "../catalogues/catalogues.ts";
import { library } from "../catalogues/configuration.ts";
import { commitOf, describe } from "./description.ts";
import { watchConnections } from "./connections.ts";
import { drain, movementOf } from "./drain.ts";
import type { Given } from "./environment/contract.ts";
import { watchHealth } from "./environment/health.ts";
import { provideEnvironment, type Environment } from "./environment/provide.ts";
import { startGuardian } from "./guardian.ts";
import { layLinks, type Paths } from "./links.ts";
import { expectRoom, thisMachine } from "./machine-limits.ts";
import { harnessLine } from "../history/harness-line.ts";
import { watchThresholds } from "./early.ts";
import { endingJournal, endsOf, lostOf, type Ends } from "./ends.ts";
import { connectTo } from "../fleet/adapter/connect.ts";
import { errorOf } from "../fleet/failure.ts";
import { fleet, type Fleet } from "../fleet/supervisor.ts";
import { workScript } from "../fleet/load/work-script.ts";
import { claimNamespace, expectEmpty, type Namespace } from "./namespace.ts";
import type { Plan } from "./plan.ts";
import { postsOf, takePosts, takePostsLater, type Posts } from "./posts.ts";
import { watchProgress, type Progress, type Watch } from "./progress.ts";
import { createRunDirectory, write, type RunDirectory } from "./run-directory.ts";
import { takeSamples } from "./samples.ts";
import { scan } from "./scan.ts";
import { sealRecord } from "./seal.ts";
import { flawsIn, killAfter, nothingBegan, stopFleet, untilOffered, type Flaws } from "./shortfalls.ts";
import { trouble } from "./trouble.ts";

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

interface Place {
  readonly directory: RunDirectory;
  /** Of the client libraries. */
  readonly versions: Readonly<Record<string, string>>;
}

async function execute(request: RunRequest, place: Place, tools: RunTools, ends: Ends): Promise<void> {
  const { plan } = request;
  const { directory, versions } = place;
  const { signal: stop } = ends;
  using watch = watchProgress(plan, tools);
  await using scope = new AsyncDisposableStack();
  const journal = endingJournal(openJournal(directory.journal, tools.clock), directory, ends.end);
  journal.write(harnessLine());
  const phase = (name: Phase): void => journal.write({ type: "phase", phase: name });
  scope.defer(() => phase("over"));
  const recorder = openRecorder(historyFile(directory.history, 0), { incarnation: 0, role: "harness" }, tools.clock);
  scope.defer(() => recorder.close());
  const guardian = startGuardian(directory.path);
  scope.defer(() => guardian.dismiss());

  const needsProxy = plan.proxied.length > 0;
  const links = plan.proxied.length * 2; // one for each connection role
  const needsStore = plan.schedule.some(({ plan: { touches } }) => touches.includes("store"));
  const clocks = [...new Set(plan.schedule.flatMap(({ plan: { touches } }) => touches))].filter(isClock);
  const start = untilStopped(journal, stop);
  const need = { ...request.given, store: plan.definition.store, needsProxy, links, needsStore, clocks };
  const laying = (async () => {
    const cluster = plan.store === "cluster";
    const provided = await provideEnvironment({ ...need, cluster, journal: start, logs: directory.log }, scope);
    const claimed = await claimNamespace(plan.seed, provided.redis, start, scope, tools.told);
    return { environment: provided, namespace: claimed, paths: await layLinks(plan, provided) };
  })();
  laying.catch(() => {}); // told below, unless the run was ended before
  await Promise.race([laying, aborted(stop)]);
  endIfStopped(stop, journal);
  const { environment, namespace, paths } = await laying;
  start.over();
  const { repeat = [] } = request;
  const facts = { id: directory.id, namespace: namespace.name, commit: commitOf(request.directory), repeat };
  const description = describe(facts, plan, environment, paths, versions);
  write(directory, basename(directory.description), `${JSON.stringify(description, null, 2)}\n`);
  // Before the load, since it takes a while to be there.
  using early = watchThresholds({ asked: plan.asked, directory, configuration: request.configuration }, ends.end);
  const flaws = flawsIn(journal, ends.end);
  const looking = openScanner(request, paths, { namespace, flaws }, scope);
  await Promise.race([looking, aborted(stop)]);
  endIfStopped(stop, journal);
  const connection = await looking;

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
  scope.defer(async () => void (await killAfter(crew, 0)));
  watch.follow(crew);
  const { configuration, directory: from } = request;
  const posts = postsOf(plan, { paths, namespace: namespace.name, configuration, directory: from });
  await takePosts(crew, posts.first, stop);
  endIfStopped(stop, journal);

  const made = { recorder, journal, phase, environment, crew, connection, flaws };
  const parts = { ...made, posts, watch, record: directory.path, early };
  await drive(request, tools.clock, parts, ends);
}

/** Ended by whoever started it, before there was anything to judge. */
export class StoppedEarly extends Error {
  override readonly name = "StoppedEarly";
}

/**
 * A journal that takes nothing once the start was stopped: what has to be on file before it begins does not begin then.
 */
function untilStopped(journal: Journal, stop: AbortSignal): Journal & { over(): void } {
  let isOver = false;
  return {
    write(entry) {
      if (!isOver && stop.aborted) throw new StoppedEarly(messageOf(stop.reason));
      journal.write(entry);
    },
    over: () => void (isOver = true),
  };
}

/** @throws StoppedEarly, or what ended it */
function endIfStopped(stop: AbortSignal, journal: Journal): void {
  if (!stop.aborted) return;
  const why = `${messageOf(stop.reason)} before the load began: there is nothing to judge`;
  journal.write({ type: "stopped", why });
  throw new StoppedEarly(why);
}

interface Parts {
  readonly watch: Watch;
  /** The run's directory. */
  readonly record: string;
  readonly recorder: Recorder;
  readonly journal: Journal;
  readonly phase: (name: Phase) => void;
  readonly environment: Environment;
  readonly crew: Fleet;
  readonly posts: Posts;
  readonly connection: Connection;
  readonly flaws: Flaws;
  /** Watches for what is to end the run. */
  readonly early: Disposable;
}

/** From the first intended job to the last page of the scan. */
async function drive({ plan, catalogues }: RunRequest, clock: Clock, parts: Parts, ends: Ends): Promise<void> {
  const { watch, crew, journal, phase, connection, environment, recorder, early } = parts;
  using samples = takeSamples(environment.redis.address, connection, recorder, clock);
  // Whatever else ends the run does it as a stop by the user would.
  const { signal: ended } = ends;

  const originNs = clock.nowNs() + 50e6;
  phase("load");
  crew.stand("producer", { do: "run", originNs });
  const levers = environment.levers(crew);
  using connections = watchConnections(levers.store.traffic, levers.store.nodes);
  const faults = trouble(
    plan.schedule,
    catalogues.faults,
    levers,
    { journal, clock, handles: environment.handles },
    originNs,
    ended,
  );
  watch.load(originNs, faults, (failure) => ends.end(errorOf(failure)));
  const { touched } = faults;
  const lost = (why: string): void => ends.end(new Error(why));
  await using health = new AsyncDisposableStack();
  health.use(watchHealth(environment.subjects(parts.record), { clock, journal, touched, lost }));
  const complete = takePostsLater(crew, parts.posts, { clock, originNs }, ended).catch(ends.end);
  const untroubled = await untilOffered(plan, parts, faults, ended);
  await complete;
  watch.stage("healing");
  phase("heal");
  await faults.over;

  watch.stage("draining");
  phase("drain");
  const drainStartNs = clock.nowNs();
  const drained = await drain(connection, movementOf(crew), plan.limits, clock, ended);
  early[Symbol.dispose](); // nothing is left that could be spared
  journal.write({ type: "drain", ...drained, seconds: (clock.nowNs() - drainStartNs) / 1e9 });
  journal.write({ type: "connections", ...(await connections.sum()) });
  const idle = drained.outcome === "drained" || ended.aborted ? undefined : nothingBegan(plan, parts, untroubled);
  if (idle !== undefined) {
    journal.write({ type: "stopped", why: idle.message });
    throw idle;
  }

  watch.stage("stopping");
  await stopFleet(plan, parts, ended);
  samples[Symbol.dispose]();
  watch.stage("scanning");
  phase("scan");
  if (!ended.aborted) await Promise.race([scanAll(plan, parts, ended), aborted(ended)]);
  if (ended.aborted) journal.write({ type: "stopped", why: messageOf(ended.reason) });
}

async function scanAll(plan: Plan, { journal, connection, recorder }: Parts, ended: AbortSignal): Promise<void> {
  const said = await scan(connection, workScript(plan.load, plan.jobSeed), recorder).catch((thrown: unknown) => ({
    finished: false,
    agrees: false,
    leftovers: [],
    why: messageOf(thrown),
  }));
  if (!ended.aborted) journal.write({ type: "scanned", ...said });
}

/**
 * Its own direct link: the truth is never learned through one that may be broken. It has seen that nothing is there
 * yet.
 */
async function openScanner(
  { plan, catalogues, directory }: RunRequest,
  { direct }: Paths,
  { namespace, flaws }: { readonly namespace: Namespace; readonly flaws: Flaws },
  scope: AsyncDisposableStack,
): Promise<Connection> {
  const { patienceMs } = plan.limits;
  const connection = await connectTo(
    catalogues.systems,
    { ...plan, role: "harness", slot: 0, incarnation: 0, links: direct, namespace: namespace.name, patienceMs },
    { load: (name) => library(name, directory).load(), flaw: flaws.tell },
  );
  scope.defer(() => connection[Symbol.asyncDispose]());
  await expectEmpty(connection, namespace, plan.system);
  return connection;
}
