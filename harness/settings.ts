/** A system's settings: those of its profile, and over them what was said of them one by one. */
import { z } from "zod";
import { UserError } from "../std/user-error.ts";
import type { System } from "../systems/contract.ts";

/**
 * @param set such as `leaseMs=2000` or `queue.name=orders`, the last word on a name @throws UserError for what its
 * options do not take
 */
export function settingsOf(
  system: Pick<System, "options">,
  name: string,
  profile: unknown,
  set: readonly string[],
): unknown {
  const parsed = system.options.safeParse(set.reduce(withOne, profile));
  if (parsed.success) return parsed.data;
  const which =
    set.length === 0 ? "of its profile" : `of its profile and of ${set.map((one) => `--set ${one}`).join(" ")}`;
  throw new UserError(
    `the settings ${which} are not what the options of system "${name}" take${taken(system)}:\n${z.prettifyError(parsed.error)}`,
  );
}

/** Their names, where the options tell them. */
function taken({ options }: Pick<System, "options">): string {
  try {
    const { properties = {} } = z.toJSONSchema(options, { io: "input", unrepresentable: "any" });
    const names = Object.keys(properties);
    return names.length === 0 ? "" : ` (${names.join(", ")})`;
  } catch {
    return ""; // a schema that is not Zod's
  }
}

function withOne(settings: unknown, text: string): unknown {
  const [, names = "", value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (names === "") throw new UserError(`--set takes NAME=VALUE, such as leaseMs=2000, not "${text}"`);
  return put(settings, names.split("."), valueOf(value));
}

function put(into: unknown, [name = "", ...below]: readonly string[], value: unknown): unknown {
  const known = typeof into === "object" && into !== null && !Array.isArray(into) ? Object.entries(into) : [];
  const before = known.find(([one]) => one === name)?.[1];
  const now = below.length === 0 ? value : put(before, below, value);
  // As entries, so that no name reaches a prototype.
  return Object.fromEntries([...known.filter(([one]) => one !== name), [name, now]]);
}

/** As JSON where it is, as text where it is not. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
