/** What the race and its processes tell each other. Times are of the clock that all processes of a host share, ns. */
import { z } from "zod";

/** To a producer: send so many. To a worker: say when so many more are settled; sent first. */
export const toChild = z.object({ jobs: z.number() });
export type ToChild = z.infer<typeof toChild>;

export const fromChild = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("began"), atNs: z.number() }),
  z.object({ type: z.literal("worked"), atNs: z.number() }),
]);
export type FromChild = z.infer<typeof fromChild>;
