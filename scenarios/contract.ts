/**
 * One script, plain data: what load, which trouble, which guarantees it means to threaten. Its shape is written in
 * schema.ts; the catalogues in force say which faults and guarantees there are. Types only.
 */
import type { z } from "zod";
import type { DeepReadonly } from "../std/deep-readonly.ts";
import type { scenarioSchema } from "./schema.ts";

/** Of whatever catalogues. */
interface Any extends DeepReadonly<z.output<typeof scenarioSchema>> {}

export interface Load extends DeepReadonly<z.output<typeof scenarioSchema>["load"]> {}
export type Curve = Load["curve"];
export type DurabilityProfile = Any["store"];

/** All have defaults. */
type OptionsOf<F> = F extends { readonly options: z.ZodType<infer Options> }
  ? unknown extends Options
    ? unknown
    : Partial<Options>
  : never;

/** A fault of the catalogue with options of its own. */
export type Trouble<Faults> = {
  [Name in keyof Faults & string]: Any["trouble"][number] & {
    readonly fault: Name;
    readonly options: OptionsOf<Faults[Name]>;
  };
}[keyof Faults & string];

export interface Scenario<
  Faults = Record<string, { readonly options: z.ZodType }>,
  Checks = Record<string, unknown>,
> extends Any {
  readonly load: Load;
  readonly trouble: readonly Trouble<Faults>[];
  readonly exercises: readonly (keyof Checks & string)[];
}
