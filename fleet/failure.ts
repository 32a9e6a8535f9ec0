/** Why a slot of the fleet cannot be kept, and whose that is: by it the run ends with one exit code or another. */
import { ForeignError } from "../std/entrusted.ts";
import { UserError } from "../std/user-error.ts";
import type { FromMember, Whose } from "./messages.ts";

export interface Failure {
  readonly why: string;
  readonly whose: Whose;
}

/** What a process calls that is not ours, until it is ready. */
export type Entering = Pick<Extract<FromMember, { readonly type: "entering" }>, "what" | "whose">;

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export function errorOf({ why, whose }: Failure): Error {
  if (whose === "user") return new UserError(why);
  return whose === "system" ? new ForeignError("threw", why) : new Error(why);
}

/** Of a process that ended without a word. @param who `worker 0` */
export function silentEnd(who: string, entering: Entering | undefined, { code, signal }: Exit, log: string): Failure {
  const how = `(${signal ?? `exit code ${code}`}); see ${log}`;
  return entering === undefined || code === null
    ? { why: `${who} ended ${how}`, whose: "ours" }
    : { why: `${entering.what} ended the process of ${who} ${how}`, whose: "user" };
}
