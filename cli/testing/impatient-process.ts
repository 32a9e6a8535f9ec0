/**
 * The command with short deadlines, for tests of what hangs. Arguments: limits of the run as JSON, then the words of
 * the command.
 */
import { enter } from "../door.ts";
import { watchEnding } from "../ending.ts";
import { run, runAll } from "../run.ts";

const [limits = "{}", ...words] = process.argv.slice(2);
const short: { readonly patienceMs: number } = {
  patienceMs: 4000,
  graceMs: 4000,
  stuckMs: 3000,
  deadlineMs: 8000,
  ...JSON.parse(limits),
};

watchEnding(short.patienceMs);
await enter(words, { run: { ...run, run: (given) => runAll(given, short) } });
