/** What the journal keeps of an environment: enough for another process to heal and to clean up. */
import { z } from "zod";
import type { ProxyHandles } from "../../chaos/levers/proxy.ts";
import type { StoreHandles } from "../../chaos/levers/store.ts";
import type { Resource } from "../../history/journal.ts";

export interface EnvironmentHandles {
  readonly store?: StoreHandles;
  /** `own`: started by the run, so that it ends with it and takes everything along. */
  readonly proxy?: ProxyHandles & { readonly own: boolean };
}

/** Every directory of ours beside the run's own begins so: nothing else is ever removed. */
export const directoryPrefix = "whitewater-redis-";

const address = z.object({ host: z.string(), port: z.number() });
const identity = z.object({ pid: z.number(), startedAt: z.string() });
const resource = z.custom<Resource>((value) => typeof value === "string");

const handles: z.ZodType<EnvironmentHandles> = z.object({
  store: z
    .object({
      address,
      command: z.string(),
      words: z.array(z.string()),
      log: z.string(),
      identity: identity.exactOptional(),
    })
    .exactOptional(),
  proxy: z
    .object({
      api: address,
      links: z.array(z.object({ name: z.string(), listen: address, upstream: address, resource })),
      own: z.boolean(),
    })
    .exactOptional(),
});

/** @throws Error when they are not what an environment writes */
export const readHandles = (value: unknown): EnvironmentHandles => handles.parse(value);
