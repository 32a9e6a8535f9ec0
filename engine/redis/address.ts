/** Where the broker is: one server, or a cluster of them, in which each key has a master that changes at a failover. */
import { Redis } from "ioredis";
import {
  anything,
  callback,
  characters,
  extensible,
  group,
  isObject,
  listOf,
  optional,
  refuse,
  secret,
  whole,
  type OptionKind,
} from "../options.ts";
import { settledWithin } from "../std/clock.ts";
import { shuffled } from "../std/random.ts";
import { list, textOf } from "./reply.ts";

export interface Node {
  readonly host: string;
  readonly port: number;
}

interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

export type Address = Node & Credentials;

export interface Cluster extends Credentials {
  /** Some of its nodes, of which one has to answer at first; the others are learned from it. */
  readonly cluster: readonly Node[];
  /** How to reach a node that the cluster names, where that is not by the name that it gives. */
  readonly via?: (node: Node) => Node;
}

const nodeKinds = { host: characters("the name or the address of a host", /^\S+$/), port: whole(1, 65_535) };
const nodeKind = extensible(nodeKinds);
const credentials = { username: optional(characters("a user of the broker")), password: optional(secret) };
const addressKind = extensible({ ...nodeKinds, ...credentials });
const clusterKind = group({
  cluster: listOf(nodeKind, 1000),
  via: optional(callback<NonNullable<Cluster["via"]>>()),
  ...credentials,
});
const either = extensible({ cluster: anything });

/** One server, or a cluster. */
export const brokerKind: OptionKind<Address | Cluster> = (value, name) => {
  if (!isObject(value, name) || either(value, name).cluster === undefined) return addressKind(value, name);
  const checked = clusterKind(value, name);
  return checked.cluster.length > 0
    ? checked
    : refuse(`${name}.cluster`, "a list of some of its nodes", checked.cluster);
};

const answerMs = 1000;

/**
 * Who serves the slot of a key, as the nodes that can be asked say. Where none of them answers, or they do not agree
 * yet, it says who served it last: the connection is then refused there, and the question asked again.
 */
export function masterOf(key: string, { cluster, via = (node) => node, ...credentials }: Cluster): () => Promise<Node> {
  let nodes = [...cluster];
  let [last] = nodes;
  /** @throws whatever its caller's function does, and OptionError for what is no node */
  const reached = (one: Node): Node => nodeKind(via(one), "redis.via's answer");

  async function ask(node: Node): Promise<Node | undefined> {
    const { host, port } = reached(node);
    const redis = new Redis({
      host,
      port,
      ...credentials,
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      connectTimeout: answerMs,
    });
    redis.on("error", () => {}); // the next node is asked
    try {
      const asking = redis.connect().then(() => Promise.all([redis.cluster("KEYSLOT", key), redis.cluster("SLOTS")]));
      if (!(await settledWithin(asking, answerMs))) return undefined;
      const [slot, ranges] = await asking;
      const masters = rangesOf(ranges, node);
      const known = [...masters.map(({ master }) => master), ...cluster];
      nodes = known.filter(
        ({ host, port }, at) => at === known.findIndex((it) => it.host === host && it.port === port),
      );
      return masters.find(({ from, to }) => from <= slot && slot <= to)?.master;
    } catch {
      return undefined;
    } finally {
      redis.disconnect();
    }
  }

  return async () => {
    for (const node of shuffled(nodes)) {
      const master = await ask(node).catch(() => undefined);
      if (master === undefined) continue;
      last = master;
      break;
    }
    if (last === undefined) throw new RangeError("a cluster has at least one node");
    return reached(last);
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly master: Node;
}

/** [[from, to, [host, port, id, ...], replica...], ...]; a node that does not know its own host leaves it empty. */
const rangesOf = (ranges: unknown, asked: Node): readonly Range[] =>
  list(ranges).map((range) => {
    const [from, to, master] = list(range);
    const [host, port] = list(master);
    return { from: Number(from), to: Number(to), master: { host: textOf(host) || asked.host, port: Number(port) } };
  });
