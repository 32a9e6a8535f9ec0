/** The components that a run needs from the machine, and all ways to provide each: for errors, and for `doctor`. */
import { UserError } from "../../std/user-error.ts";
import type { Provider } from "./contract.ts";
import type { Unavailable } from "./closed-way.ts";

export interface Component {
  readonly program: string;
  /** Names the program where it is not on PATH. */
  readonly variable: string;
  /** What is needed of it, in words. */
  readonly needed: string;
  readonly ways: readonly string[];
}

export const redisServer: Component = {
  program: "redis-server",
  variable: "WHITEWATER_REDIS_SERVER",
  needed: "redis-server 7.0 or newer",
  ways: [
    "install it so that redis-server is on PATH (apt-get install redis-server, brew install redis, ...)",
    "name the program: WHITEWATER_REDIS_SERVER=/path/to/redis-server",
    "have a container engine (Docker, Podman, ...), and the package testcontainers: npm install --save-dev testcontainers",
    "use a server that runs: --redis HOST:PORT",
  ],
};

export const toxiproxyServer: Component = {
  program: "toxiproxy-server",
  variable: "WHITEWATER_TOXIPROXY_SERVER",
  needed: "toxiproxy-server 2.5 or newer",
  ways: [
    "let the set-up fetch it: `npm start` or `npm test` in a checkout, `whitewater setup` otherwise",
    "put the program on PATH (https://github.com/Shopify/toxiproxy/releases)",
    "name the program: WHITEWATER_TOXIPROXY_SERVER=/path/to/toxiproxy-server",
    "have a container engine (Docker, Podman, ...), and the package testcontainers: npm install --save-dev testcontainers",
    "use a server that runs: --toxiproxy HOST:PORT",
  ],
};

/** For clocks that are bent; a run without them needs none. */
export const cCompiler: Component = {
  program: "cc",
  variable: "WHITEWATER_CC",
  needed: "a C compiler and the headers of the C library, on Linux",
  ways: [
    "install them (apt-get install gcc libc6-dev, dnf install gcc, apk add gcc musl-dev, ...)",
    "name the program: WHITEWATER_CC=/path/to/cc",
  ],
};

/** With the name of its provider. */
export type Provided<Endpoint> = Endpoint & { readonly provider: string };

/**
 * What the first provider gives that can.
 * @throws UserError with the reasons of all, when none can
 */
export async function firstOf<Need, Endpoint extends object>(
  component: Component,
  providers: readonly Provider<Need, Endpoint>[],
  need: Need,
  scope: AsyncDisposableStack,
): Promise<Provided<Endpoint>> {
  const reasons: string[] = [];
  for (const provider of providers) {
    const provided = await provider.provide(need, scope);
    if (!isUnavailable(provided)) return { ...provided, provider: provider.name };
    reasons.push(provided.unavailable);
  }
  throw new UserError(waysToProvide(component, reasons));
}

/** @param reasons why it is not there */
export const waysToProvide = ({ needed, ways }: Component, reasons: readonly string[]): string =>
  [`this needs ${needed} (${reasons.join("; ")}). Ways to provide it:`, ...ways.map((way) => `  - ${way}`)].join("\n");

const isUnavailable = (provided: object): provided is Unavailable => "unavailable" in provided;
