/**
 * Result: one run's whole outcome as one plain value, and the seam of those who tell it. result.json is its JSON, and
 * its shape is written in result-schema.ts. Types only.
 */
import type { z } from "zod";
import type { Example } from "../checks/contract.ts";
import type { BlindShare } from "../history/blind-share.ts";
import type { Death, Incarnation, Incident, OwnTrouble, Phases } from "../history/ledger.ts";
import type { Measured } from "../measures/contract.ts";
import type { DeepReadonly } from "../std/deep-readonly.ts";
import type { resultSchema } from "./result-schema.ts";

type Shape = DeepReadonly<z.output<typeof resultSchema>>;

/** What other rooms make. JSON leaves out what is undefined; whoever makes one of these has to say so. */
interface Made {
  readonly guarantees: readonly Guarantee[];
  readonly measures: Readonly<Record<string, { readonly about: string; readonly measured: Measured }>>;
  readonly blind: BlindShare;
  readonly phases: Phases;
  readonly incidents: readonly Incident[];
  readonly processes: readonly Incarnation[];
  readonly deaths: readonly Death[];
  readonly trouble: readonly OwnTrouble[];
}

export interface Result extends Omit<Shape, keyof Made>, Made {}

/** A guarantee as judged in this run. */
export type Guarantee = WithExamples<Shape["guarantees"][number]>;

type WithExamples<G> = G extends { readonly verdict: "fail" }
  ? Omit<G, "examples"> & { readonly examples: readonly Example[] }
  : G;

export type Overall = Result["verdict"];
export type ScheduledFault = Result["run"]["schedule"][number];
export type RecordCompared = Result["record"];

export interface Reporter {
  /** Name of the file in the run directory. */
  readonly file: string;
  readonly about: string;
  render(result: Result): string;
}
