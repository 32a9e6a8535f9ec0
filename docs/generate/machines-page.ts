/** docs/machines.md: where each fault can be had, by the very rules that refuse it before a run. */
import type { Fault } from "../../chaos/contract.ts";
import { faults } from "../../chaos/index.ts";
import { images } from "../../harness/environment/containers.ts";
import { clusterObstacles, obstacles, type MachineFacts } from "../../harness/environment/unavailable.ts";
import { seeded } from "../../std/random.ts";
import { read } from "../../rules/tree.ts";

const here: MachineFacts = { givenStore: false, containedStore: false, forwarded: false, noClocks: () => undefined };
const noClocks = (): string => "the clock of a single process can be bent on Linux only";

const grounds: Readonly<Record<string, MachineFacts>> = {
  "Linux, programs": here,
  "Linux, containers": { ...here, containedStore: true },
  "Linux, engine elsewhere": { ...here, containedStore: true, forwarded: true },
  "macOS, programs": { ...here, noClocks },
  "macOS, containers": { ...here, containedStore: true, forwarded: true, noClocks },
  "servers given": { ...here, givenStore: true },
  "the compose file": { ...here, givenStore: true, forwarded: true },
};

export function machinesPage(): string {
  const notes: string[] = [];
  const noteOf = (why: string): number => {
    if (!notes.includes(why)) notes.push(why);
    return notes.indexOf(why) + 1;
  };
  const row = (what: string, obstaclesOn: (ground: MachineFacts) => readonly string[]): string => {
    const cells = Object.values(grounds).map((ground) => {
      const whys = obstaclesOn(ground).map((why) => noteOf(why));
      return whys.length === 0 ? "yes" : `no (${whys.join(", ")})`;
    });
    return `| ${what} | ${cells.join(" | ")} |`;
  };
  const rows = Object.entries(faults as Readonly<Record<string, Fault>>).flatMap(([name, fault]) =>
    variants(fault).map(({ words, options }) => {
      const plan = fault.plan(fault.options.parse(options), { workers: 2, producers: 2 }, seeded("page"));
      return row(`\`${name}\`${words}`, (ground) => obstacles(plan, ground));
    }),
  );
  const columns = Object.keys(grounds);
  return text
    .replace("IMAGES", `\`${images.redis}\` and \`${images.toxiproxy}\``)
    .replace(
      "TABLE",
      [
        `| fault, system | ${columns.join(" | ")} |`,
        `|---|${columns.map(() => "---").join("|")}|`,
        ...rows,
        row("a system on a cluster, such as `stream-cluster`", clusterObstacles),
        "",
        ...notes.map((why, index) => `${index + 1}. ${why}`),
      ].join("\n"),
    )
    .replace("COMPOSE", composed());
}

/** A fault that takes hold of different things has a row for each that needs another lever. */
function variants(fault: Fault): readonly { readonly words: string; readonly options: object }[] {
  if (!fault.needs.includes("clock")) return [{ words: "", options: {} }];
  return [
    { words: " of a worker or producer", options: { of: "worker" } },
    { words: " of the store", options: { of: "store" } },
  ];
}

/** The commands that the compose file itself names. */
const composed = (): string =>
  read("docker-compose.yml")
    .text.split("\n")
    .filter((line) => line.startsWith("#   "))
    .map((line) => line.slice(4))
    .join("\n");

const text = `# Machines: where what works

Written by a program from the rules that the runs go by: \`docs/generate/machines-page.ts\`.

A run needs a Redis and, where its faults touch the network, a Toxiproxy. Of each the first way that is open is taken:

1. **given**: \`--redis HOST:PORT\`, \`--toxiproxy HOST:PORT\`; never stopped, never flushed, left as it was;
2. **program**: \`redis-server\`, \`toxiproxy-server\` from PATH, from the set-up, or named by a variable;
3. **container**: any engine that testcontainers finds (Docker, Podman, ...; \`DOCKER_HOST\` or the usual sockets), with the
   images IMAGES. A checkout has the package; elsewhere
   \`npm install --save-dev testcontainers\`, which brings 167 packages and is therefore left to you.

\`whitewater doctor\` shows what would be taken; the result says what was.

A system whose store is a cluster gets three masters, programs on this machine; neither given ones nor containers as yet.

## Faults, and systems on a cluster

TABLE

A fault that cannot be had is refused before the run, with its reason and the option that leaves it out, such as
\`--without clock\`; the result then says what was left out. On a machine with nothing but an engine, Node, npm and git:

\`\`\`sh
git clone ... && cd whitewater
npm start -- --without clock
\`\`\`

- **Linux, containers**: the engine runs on this very machine (compared by host name and kernel; not rootless). Containers
  are in the machine's network, so that nothing is between the processes and the servers, as with programs.
- **engine elsewhere**: Docker Desktop (macOS, Windows), a virtual machine, a remote or rootless engine. Containers have a
  network of their own, and we reach published ports through a forwarder. It accepts what the proxy refuses and closes it
  at once, which counts as cut, and it makes a mere end of a reset, which does not count as a reset. Every byte passes it,
  those of the processes without proxies too: compare throughput only with runs of the same kind.
- That a fault hit the queue's own connections is told by the kernel of **Linux** (\`/proc/net/tcp\`; their bytes by \`ss\` of
  iproute2, where it is there). On macOS only our own probes show that it was in force: \`run-valid\` counts those faults.
- **Windows**: in WSL, which counts as Linux; not outside of it.
- \`WHITEWATER_CONTAINERS=machine\`, \`own\` or \`none\` overrides the choice.
- A killed harness leaves no container: its guardian removes whatever bears the run's label, or else the next
  \`whitewater doctor\` or run does.

Tried on Linux: programs, containers in both kinds of network (\`test/containers.real.test.ts\`), and the compose file. The
columns of macOS follow from the code, and nobody has run them yet.

## With Docker Compose

\`docker-compose.yml\` has the same two servers, for those who would rather start them than have them started:

\`\`\`sh
COMPOSE
\`\`\`

A Toxiproxy in a container can listen on any port of its own, and only published ones are reached: \`--toxiproxy-ports\` names
those, two for each worker or producer whose links the trouble touches. It also sees another network than you do:
\`--toxiproxy-redis\` is the store's address for it. A Toxiproxy without a network of its own needs neither.
`;
