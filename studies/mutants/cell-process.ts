/** A run of the matrix: plans it, executes it, judges it, says what came of it, and is gone. */
import { conclude } from "../../harness/conclude.ts";
import { loadCatalogues } from "../../catalogues/configuration.ts";
import { planRun } from "../../harness/plan.ts";
import { run, StoppedEarly } from "../../harness/run.ts";
import { monotonic } from "../../std/clock.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { hideNegativeTimes } from "../../std/warnings.ts";
import type { CellAssignment, FromCell, ToCell } from "./cell.ts";

hideNegativeTimes();
const stop = new AbortController();

async function live({ choice, ...request }: CellAssignment): Promise<FromCell> {
  try {
    const catalogues = await loadCatalogues(request.configuration);
    const plan = await planRun(choice, catalogues);
    const tools = { clock: monotonic, progress: () => {}, told: () => {} };
    const directory = await run({ ...request, plan, catalogues }, tools, stop.signal);
    if (stop.signal.aborted) return { type: "stopped" };
    const { verdict, reasons, guarantees, run: facts } = await conclude(directory, catalogues);
    const told = { verdict, reasons, guarantees, run: { directory: facts.directory, seconds: facts.seconds } };
    return { type: "told", told };
  } catch (thrown) {
    if (thrown instanceof StoppedEarly) return { type: "stopped" };
    if (thrown instanceof UserError) return { type: "mistake", why: thrown.message };
    return { type: "told", told: { failed: messageOf(thrown) } };
  }
}

process.on("message", (message: ToCell) => {
  if (message.type === "stop") stop.abort(new Error("stopped"));
  else
    void live(message.assignment).then((said) => {
      if (!process.connected) process.exit(1);
      process.send?.(said, () => process.exit(0));
    });
});
// Whoever asked is gone: nobody will hear what came of it.
process.on("disconnect", () => stop.abort(new Error("whoever started the run is gone")));
