/** One side of one contender, in a process of its own. Arguments: contender, side, host, port. */
import { monotonic } from "../../std/clock.ts";
import { UserError } from "../../std/user-error.ts";
import type { Contender } from "./contender.ts";
import { contenders } from "./contenders.ts";
import { toChild, type FromChild } from "./messages.ts";

const [name = "", side = "", host = "", port = ""] = process.argv.slice(2);
const contender = chosen();
const address = { host, port: Number(port) };
const tell = (message: FromChild): void => void process.send?.(message);
const toldOf = (answer: (jobs: number) => void): void => {
  process.on("message", (message: unknown) => answer(toChild.parse(message).jobs));
};

process.on("disconnect", () => process.exit(0));
await (side === "producer" ? produce() : work());
tell({ type: "ready" });

function chosen(): Contender {
  const found = Object.entries(contenders).find(([known]) => known === name)?.[1];
  if (found === undefined) throw new UserError(`nobody called "${name}" takes part`);
  return found;
}

async function produce(): Promise<void> {
  const send = await contender.producer(address);
  toldOf((jobs) => {
    tell({ type: "began", atNs: monotonic.nowNs() });
    void send(jobs); // a failure ends the process
  });
}

/** Says when so many more jobs are settled; some may be before the number is known. */
async function work(): Promise<void> {
  let expected = Infinity;
  let settled = 0;
  const count = (jobs: number): void => {
    settled += jobs;
    if (settled < expected) return;
    settled -= expected;
    expected = Infinity;
    tell({ type: "worked", atNs: monotonic.nowNs() });
  };
  await contender.worker(address, async () => {}, count);
  toldOf((jobs) => {
    expected = jobs;
    count(0);
  });
}
