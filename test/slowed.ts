/**
 * A configuration for trying the comparison: the reference engine, and the same with an adapter that is a tenth slower.
 * A tenth slower means: of ten units of the worker's own CPU time one is burnt for nothing, so that a worker whose
 * processor is its limit carries a tenth less: 0.90 x as fast.
 */
import { builtin } from "../index.ts";
import stream, { type StreamConfig } from "../systems/stream.ts";
import type { Connection, System, Work } from "../systems/contract.ts";

const share = 0.1;
/** The clock of the CPU costs a microsecond or two: not asked for each job. That of a single thread moves in steps of milliseconds. */
const jobsAtOnce = 32;

const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Burns its share of all that this process has run since the last time. */
function burner(): () => void {
  let jobs = 0;
  let last = cpuMicros();
  return () => {
    if (++jobs % jobsAtOnce !== 0) return;
    const now = cpuMicros();
    const until = now + ((now - last) * share) / (1 - share);
    while (cpuMicros() < until);
    last = cpuMicros();
  };
}

function slowed(connection: Connection): Connection {
  return {
    ...connection,
    work(work: Work, stop) {
      const burn = burner();
      const handle: Work["handle"] = (delivery, signal) => {
        burn();
        return work.handle(delivery, signal);
      };
      return connection.work({ ...work, handle }, stop);
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

const system: System<StreamConfig> = {
  ...stream,
  about: "The reference engine with an adapter that is a tenth slower than it needs to be.",
  connect: async (context, config) => slowed(await stream.connect(context, config)),
};

export default builtin.extend({ systems: { slowed: () => Promise.resolve({ default: system }) } });
