/**
 * Wall clocks set wrong, each by the eight bytes of a file at which the process under it looks (chaos/clock/shim.c).
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { slotIn, slotOf, type Resource } from "../../history/resource.ts";
import { monotonic } from "../../std/clock.ts";
import { eventually } from "../../std/deadline.ts";
import type { Address, ClockLever, ProcessLever } from "../contract.ts";
import { openProbe } from "./probe.ts";

/** All that another process needs to set them right. */
export interface ClockHandles {
  /** One file for each of the resources. */
  readonly directory: string;
  readonly resources: readonly Resource[];
}

export const clockFile = (directory: string, clock: Resource): string => join(directory, clock.replaceAll(":", "-"));

/** Creates the file where there is none. */
export function writeOffset(file: string, offsetMs: number, flags: "w" | "r+"): void {
  const descriptor = openSync(file, flags);
  try {
    // At once, as far as whoever has it mapped can tell.
    writeSync(descriptor, new Uint8Array(BigInt64Array.of(BigInt(Math.round(offsetMs * 1e6))).buffer), 0, 8, 0);
  } finally {
    closeSync(descriptor);
  }
}

export const clockLever = (
  { directory, resources }: ClockHandles,
  { store, clocks }: Pick<ProcessLever, "clocks"> & { readonly store: Address },
): ClockLever => ({
  bend(resource, offsetMs) {
    if (!resources.includes(resource)) throw new Error(`the run has no hold of ${resource}`);
    writeOffset(clockFile(directory, resource), offsetMs, "r+");
  },
  async read(resource, stop) {
    if (resource === "clock:store") return { wallMs: await timeOf(store), monotonicNs: monotonic.nowNs() };
    const { wallMs, monotonicNs } = await clocks(wearerOf(resource), stop);
    return { wallMs, monotonicNs };
  },
});

function wearerOf(resource: Resource): Resource {
  const whose = slotIn(resource);
  if (whose === undefined) throw new Error(`${resource} is nobody's clock`);
  return slotOf(whose.role, whose.slot);
}

const answerMs = 3000;

/** Milliseconds since 1970, by the store's own clock. */
async function timeOf(store: Address): Promise<number> {
  using probe = await openProbe(store);
  await probe.ask("TIME"); // announces two numbers
  const next = () => eventually(() => probe.heard(), { deadlineMs: answerMs, awaited: "the store's time", everyMs: 1 });
  return Number(await next()) * 1000 + Number(await next()) / 1000;
}
