/** Where a component of the environment comes from: one provider for each way, asked in order. Types only. */
import type { Journal } from "../../history/journal-file.ts";
import type { Containers } from "./containers.ts";
import type { Unavailable } from "./closed-way.ts";

export interface Provider<Need, Endpoint> {
  /** As the result names it. */
  readonly name: string;
  /**
   * What it starts ends with the scope.
   * @throws UserError when the user asked for this very way, and it does not work
   */
  provide(need: Need, scope: AsyncDisposableStack): Promise<Endpoint | Unavailable>;
}

/** What the user named, as it was written. */
export interface Given {
  readonly redis?: string | undefined;
  readonly toxiproxy?: string | undefined;
  /** Where that one is in a network of its own: the ports of it that we reach, and the store as it reaches it. */
  readonly toxiproxyPorts?: string | undefined;
  readonly toxiproxyRedis?: string | undefined;
}

/** What a provider that starts something must know. */
export interface Start {
  readonly journal: Journal;
  readonly log: string;
  readonly containers: Containers;
}
