/**
 * Colours for faults: by what they take hold of, since eight effects in eight colours are none that an eye can tell
 * apart.
 */
import type { Effect } from "../../history/effects.ts";

export type Family = "process" | "link" | "clock" | "store";

/** In the order in which the timeline shows them. */
export const families: readonly Family[] = ["process", "link", "clock", "store"];

const familyByEffect: Readonly<Record<Effect, Family>> = {
  killed: "process",
  paused: "process",
  "asked-to-stop": "process",
  "cut-off": "link",
  "reply-lost": "link",
  slow: "link",
  "clock-bent": "clock",
  "store-away": "store",
};

export const familyOf = (effect: Effect): Family => familyByEffect[effect];

/** The place in the page where a fault's evidence stands. */
export const faultAnchor = (id: string): string => `fault-${anchored(id)}`;
export const guaranteeAnchor = (name: string): string => `guarantee-${anchored(name)}`;

/** What may stand in an address without being escaped there. */
const anchored = (name: string): string =>
  name
    .replaceAll("<", "below")
    .replaceAll(">", "above")
    .replaceAll(/[^\w.-]+/g, "-");
