/** What the journal keeps of an environment: enough for another process to heal and to clean up. */
import { z } from "zod";
import type { ClockHandles } from "../../chaos/levers/clock.ts";
import type { ProxyHandles } from "../../chaos/levers/proxy.ts";
import type { ClusterHandles, ContainedHandles, StoreHandles } from "../../chaos/levers/store.ts";
import { isResource, type Resource } from "../../history/resource.ts";

export interface EnvironmentHandles {
  readonly store?: StoreHandles | ContainedHandles | ClusterHandles;
  /** `own`: started by the run, so that it ends with it and takes everything along. */
  readonly proxy?: ProxyHandles & { readonly own: boolean };
  readonly clocks?: ClockHandles;
}

const address = z.object({ host: z.string(), port: z.number() });
const identity = z.object({ pid: z.number(), startedAt: z.string() });
const resource = z.custom<Resource>(isResource);

const server = z.object({
  address,
  command: z.string(),
  words: z.array(z.string()),
  log: z.string(),
  variables: z.record(z.string(), z.string()).exactOptional(),
  identity: identity.exactOptional(),
});

const handles: z.ZodType<EnvironmentHandles> = z.object({
  store: z
    .union([
      server,
      z.object({ address, container: z.string(), log: z.string() }),
      z.object({ nodes: z.array(server) }),
    ])
    .exactOptional(),
  proxy: z
    .object({
      api: address,
      links: z.array(
        z.object({
          name: z.string(),
          listen: address,
          upstream: address,
          inside: z.object({ listen: address, upstream: address }).exactOptional(),
          resource,
        }),
      ),
      own: z.boolean(),
    })
    .exactOptional(),
  clocks: z.object({ directory: z.string(), resources: z.array(resource) }).exactOptional(),
});

/** @throws Error when they are not what an environment writes */
export const readHandles = (value: unknown): EnvironmentHandles => handles.parse(value);
