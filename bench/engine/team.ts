/** The two processes of each contender. They live through all rounds, so that each round finds compiled code and open connections. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { within } from "../../std/deadline.ts";
import { sibling } from "../../std/sibling.ts";
import type { Address } from "../../systems/contract.ts";
import type { ContenderName } from "./contenders.ts";
import { fromChild, type FromChild, type ToChild } from "./messages.ts";

/** A busy machine is ten times slower; this only ends what hangs. */
const deadlineMs = 120_000;

export interface Teams<Name extends ContenderName> extends Disposable {
  /** Seconds from the first send to the last settlement of so many jobs. */
  carry(name: Name, jobs: number): Promise<number>;
}

export async function teamsOf<Name extends ContenderName>(
  names: readonly Name[],
  address: Address,
): Promise<Teams<Name>> {
  using scope = new DisposableStack();
  const teams = new Map<Name, Team>();
  for (const name of names) teams.set(name, scope.use(await teamOf(name, address)));
  const all = scope.move();
  return {
    async carry(name, jobs) {
      const team = teams.get(name);
      if (team === undefined) throw new Error(`${name} has no team`);
      return team.carry(jobs);
    },
    [Symbol.dispose]: () => all.dispose(),
  };
}

interface Team extends Disposable {
  carry(jobs: number): Promise<number>;
}

async function teamOf(name: ContenderName, address: Address): Promise<Team> {
  const started: ChildProcess[] = [];
  const start = (side: "worker" | "producer"): Promise<Side> => {
    const words = [name, side, address.host, String(address.port)];
    const child = fork(sibling(import.meta.url, "./contender-process"), words);
    started.push(child);
    return sideOf(child, `the ${side} of ${name}`);
  };
  const end = (): void => {
    for (const child of started) child.kill("SIGKILL");
  };
  try {
    const worker = await start("worker");
    const producer = await start("producer");
    return {
      async carry(jobs) {
        const [began, worked] = [producer.next("began"), worker.next("worked")];
        worker.tell({ jobs });
        producer.tell({ jobs });
        const [fromNs, toNs] = await Promise.all([began, worked]);
        return (toNs - fromNs) / 1e9;
      },
      [Symbol.dispose]: end,
    };
  } catch (error) {
    end();
    throw error;
  }
}

interface Side {
  tell(message: ToChild): void;
  /** When it happened, ns. */
  next(type: "began" | "worked"): Promise<number>;
}

/** Resolves when it is ready. */
async function sideOf(child: ChildProcess, what: string): Promise<Side> {
  const dead = once(child, "exit").then(([code, signal]): never => {
    throw new Error(`${what} ended with ${code ?? signal}`);
  });
  dead.catch(() => {}); // told to whoever waits next
  const next = async <T extends FromChild["type"]>(type: T): Promise<FromChild & { readonly type: T }> => {
    const message = once(child, "message").then(([told]) => fromChild.parse(told));
    const told = await within(Promise.race([message, dead]), deadlineMs, `${what} to say "${type}"`);
    if (isOf(told, type)) return told;
    throw new Error(`${what} said "${told.type}" instead of "${type}"`);
  };
  await next("ready");
  return {
    tell: (message) => void child.send(message),
    next: async (type) => (await next(type)).atNs,
  };
}

const isOf = <T extends FromChild["type"]>(message: FromChild, type: T): message is FromChild & { readonly type: T } =>
  message.type === type;
