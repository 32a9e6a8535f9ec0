/** `engine serve <module>` and `engine work <module>`: one process each, until it is asked to stop. */
import { parseArgs } from "node:util";
import { connect } from "../index.ts";
import { metricsOf } from "../metrics.ts";
import { declarationIn, type Declaration } from "./declaration.ts";
import { service, statusService } from "./service.ts";
import { StartError } from "./start-error.ts";
import { wordsOf, type ServiceWords } from "./words.ts";

const help = `Runs the engine as a process of its own, until SIGTERM or SIGINT.

Usage: engine serve <module>   takes jobs over HTTP: enqueue, status, dead letters, /metrics, /healthz, /readyz
       engine work <module>    works on all queues that have a handler; /metrics, /healthz and /readyz over HTTP

  <module>   its default export says which queues there are, in which Redis:
               import { jobType } from "whitewater-engine";
               import { declare, queue } from "whitewater-engine/service";
               const email = jobType({ name: "email" });
               export default declare({
                 redis: { host: "127.0.0.1", port: 6379 },
                 namespace: "shop",
                 queues: [queue(email, async ({ payload }) => console.log(payload))],
               });

Options:
  --host NAME     where it listens (default: 127.0.0.1; anything else needs a token)
  --port N        default: 7070 to serve, 7071 to work; 0 for a free one, which is printed
  --payload N     the most bytes that a request may bring (default: 1048576)
  --help          this text

ENGINE_TOKEN in the environment: asked for in \`Authorization: Bearer ...\` by everything but /healthz and /readyz.
Exit codes: 0 stopped in good order, 3 usage or environment, 70 a handler did not heed its signal.
`;

const failed = (error: Error): void => console.error(error.message);

async function serve({ redis, namespace, queues }: Declaration, words: ServiceWords, stop: AbortSignal): Promise<void> {
  await using engine = connect({ redis, namespace, failed });
  const metrics = metricsOf(
    engine,
    queues.map(({ type }) => type),
  );
  const app = service({ engine, metrics, queues, failed, token: words.token, payloadMax: words.payloadMax });
  console.log(`serving ${queues.map(({ type }) => type.name).join(", ")} on ${await app.listen(words)}`);
  await aborted(stop);
  await app.close(); // what is under way is answered
}

async function work({ redis, namespace, queues }: Declaration, words: ServiceWords, stop: AbortSignal): Promise<void> {
  const handled = queues.filter((queue) => queue.work !== undefined);
  if (handled.length === 0)
    throw new StartError("no queue of the module has a handler: give one, `queue(type, handler)`");
  await using engine = connect({ redis, namespace, failed });
  const metrics = metricsOf(
    engine,
    handled.map(({ type }) => type),
  );
  const app = statusService({ engine, metrics, queues: handled, failed, token: words.token });
  const names = handled.map(({ type }) => type.name).join(", ");
  console.log(`working on ${names}, status on ${await app.listen(words)}`);
  await Promise.all(
    handled.map(async (queue) => queue.work?.(engine, (options) => metrics.watched(queue.type, options), stop)),
  );
  await app.close();
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string" },
      payload: { type: "string", default: String(2 ** 20) },
      help: { type: "boolean", short: "h" },
    },
  });
  const [command, path, ...more] = positionals;
  if (values.help === true || command === undefined) {
    process.stdout.write(help);
    if (values.help !== true) process.exitCode = 3;
    return;
  }
  if (command !== "serve" && command !== "work")
    throw new StartError(`no command is called "${command}"; there are: serve, work`);
  if (path === undefined || more.length > 0) throw new StartError(`it is \`engine ${command} <module>\`: see --help`);
  const words = wordsOf({ port: command === "serve" ? "7070" : "7071", ...values }, process.env["ENGINE_TOKEN"]);
  const declaration = await declarationIn(path);
  const stop = new AbortController();
  // A second one ends it at once, as it would have without us.
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
  await (command === "serve" ? serve : work)(declaration, words, stop.signal);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isTheirs = error instanceof StartError || (error instanceof Error && "code" in error);
  console.error(isTheirs ? `engine: ${error.message}` : error);
  process.exitCode = 3;
  if (!isTheirs) process.exitCode = 1;
});
