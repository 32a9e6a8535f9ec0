/** Tells what was cleaned up after a run that was cut off. */
import type { Swept } from "../harness/sweep.ts";
import { onOneLine } from "../std/printable.ts";

export function describeSwept({ directory, killed, proxies, directories, keys, left }: Swept): string {
  const done = [
    ...(killed.length === 0 ? [] : [`ended ${killed.join(", ")}`]),
    ...(proxies.length === 0 ? [] : [`removed the proxies ${proxies.join(", ")}`]),
    ...(keys === 0 ? [] : [`removed ${keys} keys`]),
    ...(directories.length === 0 ? [] : [`removed ${directories.join(", ")}`]),
  ];
  const lines = [
    directory === undefined
      ? "A run was cut off whose directory is gone"
      : `A run was cut off: ${directory} (its history is kept)`,
    `  ${done.length === 0 ? "nothing of it was left running" : done.join("; ")}`,
    ...left.map((what) => `  not undone, and looked at again the next time: ${what}`),
  ];
  return lines.map(onOneLine).join("\n");
}
