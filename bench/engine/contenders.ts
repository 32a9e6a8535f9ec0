/** Who takes part. */
import { bare } from "./bare.ts";
import { bullmq } from "./bullmq.ts";
import type { Contender } from "./contender.ts";

export const contenders = { bare, bullmq } satisfies Record<string, Contender>;
export type ContenderName = keyof typeof contenders;

/** In the order in which they stand there. */
export const contenderNames: readonly ContenderName[] = ["bare", "bullmq"];
