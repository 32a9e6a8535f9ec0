/**
 * Brings the fleet to its posts: before the first job, or, where the load has its workers come later, at their time.
 */
import type { Clock } from "../std/clock.ts";
import { nextTurn } from "../std/turn.ts";
import type { Paths } from "./links.ts";
import type { FleetRole } from "../fleet/messages.ts";
import type { Post } from "../fleet/slots.ts";
import type { Fleet } from "../fleet/supervisor.ts";
import type { Plan } from "./plan.ts";

/** As often as a person likes to be told how far a run is. */
const countsEveryMs = 250;

export interface Posts {
  /** Of those who are there before the first job. */
  readonly first: readonly Post[];
  /** Of those who come `atMs` after it. */
  readonly later: readonly Post[];
  readonly atMs: number;
}

interface Place {
  /** The module whose default export the catalogues in force are. */
  readonly configuration: string;
  /** Client libraries are resolved from here. */
  readonly directory: string;
  readonly namespace: string;
  readonly paths: Paths;
}

export function postsOf(plan: Plan, { paths, ...place }: Place): Posts {
  const { load, system, settings, jobSeed: seed, limits } = plan;
  const of = (role: FleetRole, count: number): readonly Post[] =>
    Array.from({ length: count }, (_, slot) => ({
      role,
      slot,
      ...place,
      system,
      settings,
      load,
      seed,
      links: paths.of(role, slot),
      patienceMs: limits.patienceMs,
      countsEveryMs,
    }));
  const [workers, producers] = [of("worker", load.workers), of("producer", load.producers)];
  const { workersFrom = 0 } = load;
  return workersFrom === 0
    ? { first: [...workers, ...producers], later: [], atMs: 0 }
    : { first: producers, later: workers, atMs: workersFrom * load.seconds * 1000 };
}

/**
 * Resolves when all of them can work, or at `stop`: from then on nobody is started, however many were to come.
 * @throws what keeps any of them from it
 */
export async function takePosts(crew: Pick<Fleet, "start">, posts: readonly Post[], stop: AbortSignal): Promise<void> {
  const starting: Promise<void>[] = [];
  let hasFailed = false;
  for (const post of posts) {
    if (stop.aborted || hasFailed) break;
    const started = crew.start(post, stop);
    started.catch(() => void (hasFailed = true));
    starting.push(started);
    await nextTurn(); // in which a signal is heard
  }
  await Promise.all(starting);
}

/** The same of those who come later; nobody comes any more at `stop`. */
export async function takePostsLater(
  crew: Pick<Fleet, "start">,
  { later, atMs }: Posts,
  { clock, originNs }: { readonly clock: Clock; readonly originNs: number },
  stop: AbortSignal,
): Promise<void> {
  if (later.length === 0) return;
  await clock.until(originNs + atMs * 1e6, stop);
  if (!stop.aborted) await takePosts(crew, later, stop);
}
