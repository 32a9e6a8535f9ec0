/**
 * Configurations for trying the comparison: the reference engine with an adapter that is a tenth slower, in which
 * handlers take a tenth longer, or that is careless.
 * A tenth slower means: of ten units of the worker's own CPU time one is burnt for nothing, so that a worker whose
 * processor is its limit carries a tenth less: 0.90 x as fast.
 */
import { builtin } from "../../../index.ts";
import { monotonic, pause } from "../../../std/clock.ts";
import stream, { type StreamConfig } from "../../../systems/stream.ts";
import type { Connection, System, Work } from "../../../systems/contract.ts";

const share = 0.1;
/** To ask for the CPU time costs some of it: not done for each job. */
const jobsAtOnce = 256;

/**
 * Of this thread alone. That of the process is asked first, which makes the kernel count up to now and not to its last
 * tick.
 */
const cpuMicros = (): number => {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return user + system;
};

/** Burns its share of all that this thread has run since the last time. */
function burner(): () => void {
  let jobs = 0;
  let last: number | undefined;
  return () => {
    last ??= cpuMicros(); // what it takes to begin is no part of any job
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

/** Runs every hundredth job twice, and promises not to. */
const longer: System<StreamConfig> = {
  ...stream,
  about: "The reference engine with an adapter in which handlers take a tenth longer.",
  async connect(context, config) {
    const connection = await stream.connect(context, config);
    return {
      ...connection,
      work: (work: Work, stop) =>
        connection.work(
          {
            ...work,
            async handle(delivery, signal) {
              const fromNs = monotonic.nowNs();
              await work.handle(delivery, signal);
              await pause(monotonic, ((monotonic.nowNs() - fromNs) * share) / 1e6, signal);
            },
          },
          stop,
        ),
    };
  },
};

const careless: System<StreamConfig> = {
  ...stream,
  about: "The reference engine with an adapter that runs some jobs twice for no reason.",
  async connect(context, config) {
    const connection = await stream.connect(context, config);
    let jobs = 0;
    return {
      ...connection,
      work: (work: Work, stop) =>
        connection.work(
          {
            ...work,
            async handle(delivery, signal) {
              await work.handle(delivery, signal);
              if (++jobs % 100 === 0) await work.handle(delivery, signal);
            },
          },
          stop,
        ),
    };
  },
};

export default builtin.extend({
  systems: {
    slowed: () => Promise.resolve({ default: system }),
    longer: () => Promise.resolve({ default: longer }),
    careless: () => Promise.resolve({ default: careless }),
  },
});
