/** Who takes part. */
import { bare } from "./bare.ts";
import { bullmq } from "./bullmq.ts";
import type { Contender } from "./contender.ts";
import { engine } from "./engine.ts";

export const contenders = { engine, bare, bullmq } satisfies Record<string, Contender>;
export type ContenderName = keyof typeof contenders;

/** In the order in which they stand there. */
export const contenderNames: readonly ContenderName[] = ["engine", "bare", "bullmq"];
