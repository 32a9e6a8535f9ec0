/**
 * The package's door: the built-in catalogues, to be extended by a user's `whitewater.config.ts`, and the contracts
 * that members of a user's own are written against.
 */
import { faults } from "./chaos/index.ts";
import { checks } from "./checks/index.ts";
import { catalogues } from "./catalogues/catalogues.ts";
import { measures } from "./measures/index.ts";
import { reports } from "./reports/index.ts";
import { scenarios } from "./scenarios/index.ts";
import { systems } from "./systems/index.ts";
import { mutants } from "./systems/mutants/index.ts";

export const builtin = catalogues({
  systems: { ...systems, ...mutants },
  faults,
  checks,
  scenarios,
  measures,
  reports,
  mutants: Object.keys(mutants),
});
export default builtin;

export type { Catalogues, SystemEntry } from "./catalogues/catalogues.ts";
export type {
  Bite,
  Fault,
  Levers,
  Link,
  Planned,
  ProcessLever,
  ProxyLever,
  StoreLever,
  Target,
} from "./chaos/contract.ts";
export type { Check, Counts, Example, Verdict } from "./checks/contract.ts";
export type { Incident, Ledger, LifeEvent } from "./history/ledger.ts";
export type { Evidence } from "./history/journal.ts";
export type { Resource } from "./history/resource.ts";
export type { Measure, Measured } from "./measures/contract.ts";
export type { Reporter, Result } from "./reports/contract.ts";
export type { Load, Scenario } from "./scenarios/contract.ts";
export type {
  Claims,
  Connection,
  Context,
  Delivery,
  Job,
  Mutant,
  Place,
  Receipt,
  Settlement,
  System,
  Work,
} from "./systems/contract.ts";
export type { Random } from "./std/random.ts";

/**
 * What members are made with: how options are declared, a ledger read, findings become a verdict, evidence is gathered.
 */
export { z } from "zod";
export { prove } from "./chaos/proof.ts";
export { findings } from "./checks/findings.ts";
export { fates, fatesOf } from "./history/fates.ts";
export { never, outcomes, tickNs } from "./history/ledger.ts";
export { UserError } from "./std/user-error.ts";
