/** A producer of the model: sends what is due whatever became of the sending before, and says what it knows of each. */
import { asDuplicate } from "../../history/record.ts";
import type { Process } from "./process.ts";
import type { Steps } from "./steps.ts";
import type { World } from "./world.ts";
import { nsOf } from "./file.ts";
import type { JobPlan } from "./load.ts";

export interface Producer {
  readonly process: Process;
  /** Goes on with the jobs of its slot behind this one. */
  begin(behind: number): void;
  /** The connection is good again. */
  goOn(): void;
  sentUpTo(): number;
  /** It has sent all of its jobs, and knows what became of each. */
  isThrough(): boolean;
}

interface Sending {
  readonly job: number;
  askedOver: number | undefined;
  over: boolean;
}

export function producerOf(process: Process, world: World, steps: Steps, now: () => number): Producer {
  const { jobs, producers, terms } = world;
  const open = new Set<Sending>();
  let next = 0;

  const answer = (sending: Sending, outcome: "ok" | "duplicate" | "refused" | "unknown"): void => {
    if (sending.over) return;
    sending.over = true;
    open.delete(sending);
    const { job } = sending;
    if (outcome === "duplicate") process.file.put("ok", { job, code: asDuplicate });
    else process.file.put(outcome, { job });
  };

  const ask = (sending: Sending): void => {
    const connection = process.connection();
    if (!process.isHeard() || sending.askedOver === connection || sending.over) return;
    sending.askedOver = connection;
    process.send(() => {
      // Given up as refused is what was never sent: what was sent may still arrive.
      steps.enqueue(sending.job);
      process.later(process.wayMs() + steps.enqueueMs(), () => {
        if (process.isConnected() && process.connection() === connection) answer(sending, steps.answer(sending.job));
      });
    });
  };

  const send = (job: number): void => {
    const plan = jobs[job];
    if (plan === undefined || !steps.sends(job)) return;
    announce(process, job, plan);
    const sending: Sending = { job, askedOver: undefined, over: false };
    open.add(sending);
    process.later(0.1, () => ask(sending));
    process.later(terms.enqueueMs, () => answer(sending, sending.askedOver === undefined ? "refused" : "unknown"));
  };

  const schedule = (): void => {
    const plan = jobs[next];
    if (plan === undefined) return;
    const job = next;
    process.later(Math.max(0, plan.atMs - now()), () => {
      next = job + producers;
      send(job);
      schedule();
    });
  };

  return {
    process,
    begin(behind) {
      next = behind + producers;
      schedule();
    },
    goOn: () => open.forEach(ask),
    sentUpTo: () => next - producers,
    isThrough: () => next >= jobs.length && open.size === 0,
  };
}

function announce({ file }: Process, job: number, plan: JobPlan): void {
  const { atMs, runMs, failures, delayMs, priority, repeats } = plan;
  const micros = Math.round(runMs * 1000);
  file.put("send", { job, attempt: priority, code: failures, micros, aux: nsOf(atMs) });
  if (delayMs > 0) file.put("delayed", { job, micros: delayMs * 1000 });
  if (repeats !== undefined) file.put("repeated", { job, micros: repeats });
}
