/**
 * The two processes of each contender. They live through all rounds, so that each round finds compiled code and open
 * connections.
 */
import { join } from "node:path";
import { fleet, type Fleet } from "../../fleet/supervisor.ts";
import type { Post } from "../../fleet/slots.ts";
import { sibling } from "../../std/sibling.ts";
import type { Address } from "../../systems/contract.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { concurrency, payload } from "./contender.ts";
import type { ContenderName } from "./contenders.ts";

export interface Teams<Name extends ContenderName> extends AsyncDisposable {
  /** Seconds from the first send to the last settlement of so many jobs. */
  carry(name: Name, jobs: number): Promise<number>;
}

const program = sibling(import.meta.url, "./contender-process");
const never = new AbortController().signal;
const patienceMs = 60_000;

export async function teamsOf<Name extends ContenderName>(
  names: readonly Name[],
  address: Address,
): Promise<Teams<Name>> {
  await using scope = new AsyncDisposableStack();
  const logs = scope.use(temporaryDirectory("bench-team"));
  const teams = new Map<Name, Fleet>();
  for (const name of names) {
    const team = fleet({
      history: (incarnation) => join(logs.path, `${name}-${incarnation}.bin`),
      log: (role) => join(logs.path, `${name}-${role}.log`),
      variables: () => ({}),
      flaw: () => {},
      replaces: false,
      programs: { producer: program, worker: program },
    });
    scope.defer(async () => void (await Promise.all([team.stop("producer", 0), team.stop("worker", 0)])));
    for (const role of ["worker", "producer"] as const) await team.start(postOf(name, role, address), never);
    teams.set(name, team);
  }
  const all = scope.move();
  return {
    async carry(name, jobs) {
      const team = teams.get(name);
      if (team === undefined) throw new Error(`${name} has no team`);
      await team.order("worker", 0, { do: "work", measured: { jobs, brokers: [] } });
      const [sent, settled] = await Promise.all([
        team.order("producer", 0, { do: "enqueue", from: 0, to: jobs }),
        team.order("worker", 0, { do: "rest" }),
      ]);
      return (settled.toNs - sent.fromNs) / 1e9;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Of one that records nothing and is no system: it is a contender, at that address. */
const postOf = (name: ContenderName, role: Post["role"], address: Address): Post => ({
  role,
  slot: 0,
  configuration: "",
  directory: process.cwd(),
  system: name,
  settings: null,
  links: { commands: address, blocking: address },
  namespace: name,
  load: {
    curve: "steady",
    jobs: 0,
    seconds: 0,
    producers: 1,
    workers: 1,
    concurrency,
    payloadBytes: payload.length,
    work: { durationMs: [0, 0], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 1, backoffMs: 0 },
  },
  seed: 0,
  patienceMs,
  countsEveryMs: 1000,
});
