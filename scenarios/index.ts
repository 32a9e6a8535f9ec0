/** The catalogue of scenarios. A new one is a file and a line here; names, options and guarantees are checked by the types. */
import type { checks } from "../checks/index.ts";
import type { faults } from "../chaos/index.ts";
import type { Scenario } from "./contract.ts";
import { day } from "./day.ts";
import { outage } from "./outage.ts";

export const scenarios = { day, outage } as const satisfies Record<string, Scenario<typeof faults, typeof checks>>;
