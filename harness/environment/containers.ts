/**
 * Servers in containers, for machines that have an engine and no servers. The engine keeps them, not this process: they
 * are found again by the run's label, also by who knows nothing else of them, and are removed with their data.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname, release } from "node:os";
import { dirname } from "node:path";
import type { ContainerRuntimeClient } from "testcontainers";
import { z } from "zod";
import type { Journal } from "../../history/journal-file.ts";
import { within } from "../../std/deadline.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { ownMark } from "../../std/mark.ts";
import type { Unavailable } from "./closed-way.ts";

/** Pulled by the set-up, or by a run that finds them missing. */
export const images = {
  redis: "redis:7.0",
  toxiproxy: "ghcr.io/shopify/toxiproxy:2.12.0@sha256:9378ed52a28bc50edc1350f936f518f31fa95f0d15917d6eb40b8e376d1a214e",
} as const;

export interface Definition {
  /** Also under which the run's other containers reach it, where they have a network of their own. */
  readonly name: keyof typeof images;
  readonly words: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** On the same number inside and here. */
  readonly ports: readonly number[];
}

export interface ContainerEngine {
  /**
   * `machine`: containers are in this machine's network, and nothing is between us and them. `own`: the engine is
   * elsewhere (a virtual machine, as on macOS), they have a network of their own, and we reach published ports through
   * a forwarder.
   */
  readonly network: "machine" | "own";
  /** Where we reach their ports, and on which address they must listen for that. */
  readonly host: string;
  readonly listen: string;
  /** Undefined when the image is there, if need be because it was pulled. */
  missing(name: keyof typeof images): Promise<Unavailable | undefined>;
  /** Not started yet. */
  create(definition: Definition): Promise<Contained>;
}

/** A container, also for a process that did not make it. Every call has a deadline. */
export interface Contained {
  readonly id: string;
  /** @throws Error saying "already in use" when a port of it is */
  start(): Promise<void>;
  /** SIGTERM, and SIGKILL after the grace. Resolves when its process is gone. */
  stop(graceMs: number): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** `pid` is that of its process, as that process itself knows it; 0 while it does not run. */
  state(): Promise<{ readonly pid: number; readonly exit: number }>;
  /** All its output, of all its starts. */
  said(): Promise<string>;
  /** The same into a file. Returns the last line. */
  keep(file: string): Promise<string>;
  /** With its data. Nothing happens where there is none. */
  remove(): Promise<void>;
}

/** The engine of this machine for one run: asked for when the first provider needs it. */
export interface Containers {
  engage(): Promise<ContainerEngine | Unavailable>;
}

const label = "whitewater.run";
const callMs = 60_000;
const pullMs = 900_000;

/** What is made ends with the scope, and is on file before it is made. */
export function containersOf(journal: Journal, scope: AsyncDisposableStack): Containers {
  let engaged: Promise<ContainerEngine | Unavailable> | undefined;
  const engage = async (): Promise<ContainerEngine | Unavailable> => {
    const client = await connect();
    if ("unavailable" in client) return client;
    const run = `${ownMark()}-${randomUUID()}`;
    const onMachine = await isThisMachine(client);
    journal.write({ type: "containers", label: run });
    const making = new Set<Promise<unknown>>();
    let isOver = false;
    scope.defer(async () => {
      isOver = true;
      await Promise.allSettled(making); // one that is on its way is removed, too
      await removeContainers(run);
    });
    const engine = engineOf(client, run, onMachine);
    const create = (definition: Definition): Promise<Contained> => {
      if (isOver) return Promise.reject(new Error("the run is over: no container is made any more"));
      const made = engine.create(definition);
      making.add(made);
      return made;
    };
    return { ...engine, create };
  };
  return { engage: () => (engaged ??= engage()) };
}

/** Undefined when it is there, if need be because it was pulled. */
export async function pullImage(name: keyof typeof images): Promise<Unavailable | undefined> {
  const client = await connect();
  if ("unavailable" in client) return client;
  const { ImageName } = await load();
  const image = ImageName.fromString(images[name]);
  try {
    await within(client.image.pull(image), pullMs, `${images[name]} to be pulled`);
    if (await client.image.exists(image)) return undefined; // a pull that fails half-way says nothing
    return { unavailable: `the image ${images[name]} is not there, and pulling it brought none` };
  } catch (thrown) {
    return { unavailable: `the image ${images[name]} is not there and cannot be pulled: ${messageOf(thrown)}` };
  }
}

/** @returns the names of those that were there. @throws Error when no engine answers */
export async function removeContainers(run: string): Promise<readonly string[]> {
  const client = await connect();
  if ("unavailable" in client) throw new Error(client.unavailable);
  const { dockerode } = client.container;
  const filters = { label: [`${label}=${run}`] };
  const containers = await within(dockerode.listContainers({ all: true, filters }), callMs, "a list of containers");
  await Promise.all(containers.map(({ Id }) => contained(client, Id).remove()));
  const networks = await within(dockerode.listNetworks({ filters }), callMs, "a list of networks");
  for (const { Id } of networks) await absent(dockerode.getNetwork(Id).remove());
  return containers.map(({ Names: [name], Id }) => name?.replace(/^\//, "") ?? Id);
}

const load = () => import("testcontainers");

/** Of no run yet: for whoever wants to know before one. */
export async function inspectEngine(): Promise<
  { readonly network: ContainerEngine["network"]; readonly version: string } | Unavailable
> {
  const client = await connect();
  if ("unavailable" in client) return client;
  const version = String(client.info.containerRuntime.serverVersion);
  return { version, network: (await isThisMachine(client)) ? "machine" : "own" };
}

/** The engine wherever it listens (DOCKER_HOST, the usual sockets), or why there is none. */
async function connect(): Promise<ContainerRuntimeClient | Unavailable> {
  if (choice() === "none") return { unavailable: `${variable}=none: no container is used` };
  let library: Awaited<ReturnType<typeof load>>;
  try {
    library = await load();
  } catch (thrown) {
    const isAbsent = thrown instanceof Error && "code" in thrown && thrown.code === "ERR_MODULE_NOT_FOUND";
    const why = isAbsent ? "is not installed: npm install --save-dev testcontainers" : messageOf(thrown);
    return { unavailable: `the package testcontainers, which finds a container engine, ${why}` };
  }
  try {
    return await within(library.getContainerRuntimeClient(), callMs, "the container engine to answer");
  } catch {
    const named = process.env["DOCKER_HOST"];
    return { unavailable: `no container engine answers ${named ? `at DOCKER_HOST=${named}` : "on its usual sockets"}` };
  }
}

const told = z.object({ Name: z.string(), KernelVersion: z.string(), SecurityOptions: z.array(z.string()).nullish() });

/** Says which network they have, where what the engine tells of itself misleads, or that none are wanted. */
const variable = "WHITEWATER_CONTAINERS";
const choices = ["machine", "own", "none"] as const;

function choice(): (typeof choices)[number] | undefined {
  const text = process.env[variable];
  const named = choices.find((name) => name === text);
  if (text && named === undefined) throw new UserError(`${variable} is ${choices.join(", ")}, not "${text}"`);
  return named;
}

/** Not in a virtual machine, on another host, or in namespaces of its own, whose network is not ours. */
async function isThisMachine({ container: { dockerode } }: ContainerRuntimeClient): Promise<boolean> {
  const named = choice();
  if (named !== undefined) return named === "machine";
  const answer: unknown = await within(dockerode.info(), callMs, "what the container engine tells of itself");
  const { Name, KernelVersion, SecurityOptions } = told.parse(answer);
  const isRootless = SecurityOptions?.some((option) => option.includes("rootless")) ?? false;
  return process.platform === "linux" && Name === hostname() && KernelVersion === release() && !isRootless;
}

function engineOf(client: ContainerRuntimeClient, run: string, onMachine: boolean): ContainerEngine {
  const { dockerode } = client.container;
  const Labels = { [label]: run };
  const host = onMachine ? "127.0.0.1" : client.info.containerRuntime.host;
  const networkName = `whitewater-${run.slice(-8)}`;
  let network: Promise<unknown> | undefined;

  const placement = async ({ name, ports }: Definition): Promise<object> => {
    // With the machine's process ids, a server on a port can be told from another by what it says of itself.
    if (onMachine) return { HostConfig: { NetworkMode: "host", PidMode: "host", UsernsMode: "host" } };
    await (network ??= within(dockerode.createNetwork({ Name: networkName, Labels }), callMs, "a network"));
    const HostIp = isLoopback(host) ? "127.0.0.1" : "";
    return {
      ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])),
      NetworkingConfig: { EndpointsConfig: { [networkName]: { Aliases: [name] } } },
      HostConfig: {
        NetworkMode: networkName,
        ExtraHosts: [`${hostInside}:host-gateway`],
        PortBindings: Object.fromEntries(ports.map((port) => [`${port}/tcp`, [{ HostIp, HostPort: String(port) }]])),
      },
    };
  };

  return {
    network: onMachine ? "machine" : "own",
    host,
    listen: onMachine ? host : "0.0.0.0",
    missing: pullImage,
    async create(definition) {
      const { name, words, variables = {} } = definition;
      const { id } = await within(
        dockerode.createContainer({
          ...(await placement(definition)),
          name: `${networkName}-${name}-${randomUUID().slice(0, 4)}`,
          Image: images[name],
          Cmd: [...words],
          Env: Object.entries(variables).map(([variable, value]) => `${variable}=${value}`),
          Labels,
          Tty: true, // its output comes as it was written
        }),
        callMs,
        `a container of ${images[name]}`,
      );
      return contained(client, id);
    },
  };
}

/** This host, for containers in a network of their own. */
export const hostInside = "host.docker.internal";

export const isLoopback = (host: string): boolean => ["localhost", "127.0.0.1", "::1"].includes(host);

const taken = /address already in use|port is already allocated|ports are not available/i;

function contained(client: ContainerRuntimeClient, id: string): Contained {
  const container = client.container.getById(id);
  const call = <T>(what: string, answer: Promise<T>, ms = callMs): Promise<T> =>
    within(answer, ms, `${what} of container ${id.slice(0, 12)}`);
  const said = async (): Promise<string> => {
    const output = await call("the output", container.logs({ stdout: true, stderr: true, follow: false }));
    return output.toString("utf8").replaceAll("\r\n", "\n");
  };
  return {
    id,
    async start() {
      try {
        await call("the start", container.start());
      } catch (thrown) {
        const why = messageOf(thrown);
        throw new Error(taken.test(why) ? `a port of it is already in use: ${why}` : why, { cause: thrown });
      }
    },
    stop: async (graceMs) => {
      await call("the stop", container.stop({ t: Math.ceil(graceMs / 1000) }), graceMs + callMs);
    },
    async kill() {
      await call("the kill", container.kill({ signal: "SIGKILL" }));
      await call("the end", container.wait());
    },
    async state() {
      const { State, HostConfig } = await call("the state", container.inspect());
      const pid = HostConfig.PidMode === "host" ? State.Pid : 1;
      return { pid: State.Running ? pid : 0, exit: State.ExitCode };
    },
    said,
    async keep(file) {
      const text = await said();
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return text.trimEnd().split("\n").at(-1) ?? "";
    },
    remove: () => absent(call("the removal", container.remove({ force: true, v: true }))),
  };
}

/** It is gone already, or going. */
async function absent(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (thrown) {
    const status = thrown instanceof Error && "statusCode" in thrown ? thrown.statusCode : undefined;
    if (status !== 404 && status !== 409) throw thrown;
  }
}
