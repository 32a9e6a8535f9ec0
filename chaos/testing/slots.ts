/** Slots with real processes in them and a small supervisor: for faults, without a queue and a run. */
import { spawn, type ChildProcess } from "node:child_process";
import { on } from "node:events";
import type { Clocks, ProcessHolder } from "../contract.ts";
import type { ProcessRegistry } from "../levers/process.ts";
import type { Resource } from "../../history/resource.ts";
import { eventually } from "../../std/deadline.ts";
import { identify } from "../../std/process-identity.ts";

export interface Slots extends ProcessRegistry, Disposable {}

export interface SlotTerms {
  /** Whether one that ended is followed by another: else its slot stays empty. */
  readonly kept?: boolean;
  /** What each does when it is asked to stop: JavaScript. */
  readonly onTerm?: string;
  variables?(slot: Resource): Readonly<Record<string, string>>;
}

interface Life extends ProcessHolder {
  readonly child: ChildProcess;
  ready: boolean;
}

/** Tells when it is ready, and its clocks whenever it is asked. */
const script = (onTerm: string): string => `
  process.on("SIGTERM", () => { ${onTerm} });
  process.on("message", (asked) => process.send({ asked, wallMs: Date.now(), monotonicNs: Number(process.hrtime.bigint()) }));
  process.send("ready");`;

/** All of them end with it. */
export function keepSlots(
  names: readonly Resource[],
  { kept = true, onTerm = "process.exit(0)", variables = () => ({}) }: SlotTerms = {},
): Slots {
  const lives = new Map<Resource, Life>();
  const out = new Set<Resource>();
  let incarnations = 0;
  let questions = 0;
  let isOver = false;

  const fill = (slot: Resource): void => {
    if (isOver || out.has(slot)) return;
    const child = spawn(process.execPath, ["-e", script(onTerm)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, ...variables(slot) },
    });
    const identity = identify(child.pid ?? -1);
    if (identity === undefined) throw new Error(`nothing was started in ${slot}`);
    const life = { child, identity, incarnation: ++incarnations, ready: false };
    lives.set(slot, life);
    child.once("message", () => (life.ready = true));
    child.once("exit", () => {
      lives.delete(slot);
      if (kept) fill(slot);
    });
  };
  for (const slot of names) fill(slot);

  return {
    holder: (slot) => lives.get(slot),
    allSlots: () => names,
    replacement: (slot, of, stop) =>
      eventually(
        () => {
          const life = lives.get(slot);
          return life?.ready === true && life.incarnation > of.incarnation && life;
        },
        { deadlineMs: 60_000, awaited: `another process in ${slot}`, stop },
      ),
    keepOut: (slot) => void out.add(slot),
    admit(slot) {
      if (out.delete(slot) && !lives.has(slot)) fill(slot);
    },
    async clocks(slot, stop) {
      const life = lives.get(slot);
      if (life?.ready !== true) throw new Error(`nobody is ready in ${slot}`);
      return await clocksOf(life, ++questions, stop);
    },
    [Symbol.dispose]() {
      isOver = true;
      for (const { child } of lives.values()) child.kill("SIGKILL");
    },
  };
}

async function clocksOf({ child, incarnation }: Life, asked: number, stop: AbortSignal): Promise<Clocks> {
  const answers = on(child, "message", { signal: stop });
  child.send(asked);
  // Whoever stopped waiting for an answer leaves it to the next who asks.
  for await (const [said] of answers)
    if (said.asked === asked) return { incarnation, wallMs: said.wallMs, monotonicNs: said.monotonicNs };
  throw new Error("its process tells nothing more");
}
