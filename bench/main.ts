/** `npm run bench -- NAME [--json]`: prints a table, or exactly one JSON object on stdout. */
import { parseArgs } from "node:util";
import { aligned } from "../std/table.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import type { Bench } from "./contract.ts";
import { benches } from "./index.ts";

const names = Object.keys(benches).join(", ");

async function main(): Promise<void> {
  const { name, json } = choice();
  const bench = await load(name);
  const { figures, table, settings } = await bench.run((line) => console.error(line));
  if (json) console.log(JSON.stringify({ bench: name, figures, settings }));
  else for (const line of aligned(table)) console.log(line);
}

function choice(): { readonly name: string; readonly json: boolean } {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: "boolean", default: false }, "no-install": { type: "boolean" } }, // the set-up's
      allowPositionals: true,
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new UserError(`name one benchmark: ${names}`);
    return { name, json: values.json };
  } catch (thrown) {
    throw new UserError(messageOf(thrown));
  }
}

async function load(name: string): Promise<Bench> {
  const entry = Object.entries(benches).find(([known]) => known === name);
  if (entry === undefined) throw new UserError(`there is no benchmark "${name}": choose one of ${names}`);
  return (await entry[1]()).bench;
}

// So that what a benchmark leaves to the end of the process is done then too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

main().catch((thrown: unknown) => {
  if (thrown instanceof UserError) {
    console.error(thrown.message);
    process.exitCode = 3;
  } else {
    console.error(thrown);
    process.exitCode = 1;
  }
});
