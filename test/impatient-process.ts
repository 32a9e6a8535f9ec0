/** The command with short deadlines, for tests of what hangs. */
import { enter } from "../cli/door.ts";
import { watchEnding } from "../cli/ending.ts";
import { run, runAll } from "../cli/run.ts";

const limits = { patienceMs: 4000, graceMs: 4000, stuckMs: 3000, deadlineMs: 8000 };

watchEnding();
await enter(process.argv.slice(2), { run: { ...run, run: (words) => runAll(words, limits) } });
