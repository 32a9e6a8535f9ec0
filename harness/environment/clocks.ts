/** Clocks that the trouble will bend: a file for each, which whoever is started under it looks at for all its life. */
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clockFile, writeOffset, type ClockHandles } from "../../chaos/levers/clock.ts";
import type { Resource } from "../../history/resource.ts";
import { UserError } from "../../std/user-error.ts";
import { clockShim } from "./clock-shim.ts";
import { ownMark } from "../../std/mark.ts";
import { cCompiler, waysToProvide } from "./ways.ts";

export interface BendableClocks {
  readonly handles: ClockHandles;
  /** For whoever has that clock: none where it is not to be bent. */
  variablesFor(clock: Resource): Readonly<Record<string, string>>;
}

/**
 * @param onFile puts the directory on file, before it is made
 * @throws UserError naming what it needs, and the ways to provide it
 */
export function bendableClocks(
  resources: readonly Resource[],
  onFile: (handles: ClockHandles) => void,
  scope: AsyncDisposableStack,
): BendableClocks {
  const shim = clockShim();
  if ("unavailable" in shim) throw new UserError(waysToProvide(cCompiler, [shim.unavailable]));
  const directory = join(tmpdir(), `whitewater-clocks-${ownMark()}-${randomUUID()}`);
  const handles = { directory, resources };
  onFile(handles);
  scope.defer(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(directory);
  for (const resource of resources) writeOffset(clockFile(directory, resource), 0, "w");
  const preloaded = [shim.path, process.env["LD_PRELOAD"]].filter(Boolean).join(":");
  return {
    handles,
    variablesFor: (clock) =>
      resources.includes(clock) ? { LD_PRELOAD: preloaded, WHITEWATER_CLOCK_FILE: clockFile(directory, clock) } : {},
  };
}
