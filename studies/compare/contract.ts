/** What a comparison is made of: who takes part, where, and what was played. Types only. */
import type { Catalogues } from "../../catalogues/catalogues.ts";
import type { Stretch } from "../../fleet/messages.ts";
import type { Environment } from "../../harness/environment/provide.ts";
import type { Paths } from "../../harness/links.ts";
import type { Plan } from "../../harness/plan.ts";
import type { RunDirectory } from "../../harness/run-directory.ts";
import type { Journal } from "../../history/journal-file.ts";
import type { Clock } from "../../std/clock.ts";
import type { Store } from "./store.ts";

/** A configuration that takes part. */
export interface Contender {
  /** Unique, also a name of files. */
  readonly key: string;
  /** Its `jobs` are an upper bound: how many there will be is only known afterwards. */
  readonly plan: Plan;
}

/** Where the processes of a round are started, and what they work on. */
export interface Ground {
  readonly catalogues: Pick<Catalogues, "systems" | "checks">;
  readonly configuration: string;
  /** Client libraries are resolved from here. */
  readonly directory: string;
  readonly environment: Environment;
  readonly paths: Paths;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | null;
  /** Of the comparison: by it everything is ended after a crash. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly store: Store;
  /** Holds a directory for each round of each configuration. */
  readonly rounds: string;
  readonly namespace: string;
}

/** Jobs `from` to `to - 1` of the round, worked off by one configuration while the others were idle. */
export interface Slice {
  readonly kind: "warm-up" | "backlog" | "steady";
  readonly lap: number;
  readonly from: number;
  readonly to: number;
  /** Of each worker that did any of it. */
  readonly stretches: readonly Stretch[];
  /** As the driver saw it: for finding the size of further slices, no figure. */
  readonly seconds: number;
}

/** One configuration's part of a round once it is over: all else is in its directory. */
export interface Played {
  readonly key: string;
  readonly directory: RunDirectory;
  readonly slices: readonly Slice[];
}
