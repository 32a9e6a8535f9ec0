/**
 * The processes of a model run: who is born when, in which slot, who dies, and what the harness puts into its journal
 * of it.
 */
import type { JournalEntry } from "../../history/journal.ts";
import type { ProcessIdentity } from "../../std/process-identity.ts";
import type { Dice } from "./dice.ts";
import { processOf, type Hindrance, type Process, type ProcessListener } from "./process.ts";
import { producerOf, type Producer } from "./producer.ts";
import { queueOf, type Queue } from "./queue.ts";
import type { Simulation } from "./simulation.ts";
import type { Worker } from "./worker.ts";
import type { World } from "./world.ts";

export type SlotName = `worker:${number}` | `producer:${number}`;

export interface Fleet {
  readonly queue: Queue;
  processes(): readonly Process[];
  holder(slot: SlotName): Process | undefined;
  workerOf(process: Process): Worker | undefined;
  isReady(process: Process): boolean;
  /** Nobody is born there until they are admitted. */
  keepOut(slot: SlotName): void;
  admit(slot: SlotName): void;
  /** SIGKILL, or whatever else ends a process at once. */
  kill(process: Process, how?: { readonly code: number | null; readonly signal: string | null }): void;
  askToStop(process: Process): void;
  /** Whoever holds that slot, now and as long as it lasts. */
  hinder(slot: SlotName, by: Hindrance, more: 1 | -1): void;
  storeGoes(): void;
  storeReturns(forgetsMs: number): void;
  areThrough(): boolean;
  close(): void;
  readonly on: Readonly<Record<"returned" | "fellSilent", ((process: Process) => void)[]>>;
}

export interface FleetTools {
  readonly world: World;
  readonly simulation: Simulation;
  readonly dice: Dice;
  readonly note: (entry: JournalEntry) => void;
}

interface Slot {
  readonly name: SlotName;
  readonly role: "worker" | "producer";
  readonly index: number;
  holder: Process | undefined;
  ready: boolean;
  keptOut: number;
  sentUpTo: number;
  readonly hindered: Map<Hindrance, number>;
}

const identityOf = ({ incarnation }: Process): ProcessIdentity => ({
  pid: 1000 + incarnation,
  startedAt: `${incarnation}`,
});

// long: one fleet: who is in which slot, and what each listener does to the others
export function fleetOf({ world, simulation, dice, note }: FleetTools): Fleet {
  const { terms } = world;
  const processes: Process[] = [];
  const workers = new Map<Process, Worker>();
  const producers = new Map<Process, Producer>();
  const slots = new Map<SlotName, Slot>();
  const on: Fleet["on"] = { returned: [], fellSilent: [] };

  const queue = queueOf({
    world,
    simulation,
    dice,
    dies: ({ process }) => kill(process),
    leaves({ process }, code) {
      if (code === 0) process.file.close();
      process.die();
      exited(process, { code, signal: null });
    },
  });

  const listener: ProcessListener = {
    inTouch(process) {
      const worker = workers.get(process);
      if (worker !== undefined) {
        queue.leases.watches(worker);
        worker.confirm();
        queue.wake();
        for (const listen of on.returned) listen(process);
      }
      producers.get(process)?.goOn();
    },
    outOfTouch(process) {
      const worker = workers.get(process);
      if (worker !== undefined && process.isAlive()) queue.missRead(worker);
    },
    silent(process) {
      if (process.role !== "worker") return;
      queue.leases.silent(process);
      for (const listen of on.fellSilent) listen(process);
    },
    resumed(process) {
      const worker = workers.get(process);
      if (worker !== undefined) process.later(dice.within(0.1, 5), worker.goOn);
    },
    disconnected: (process) => queue.leases.disconnected(process),
  };

  const bear = (slot: Slot): void => {
    const { role, index } = slot;
    const process = processOf(
      { role, slot: index, incarnation: processes.length + 1 },
      { simulation, dice, terms },
      listener,
    );
    processes.push(process);
    slot.holder = process;
    slot.ready = false;
    const { incarnation } = process;
    note({ type: "spawned", identity: identityOf(process), role, slot: index, incarnation });
    for (const [by, times] of slot.hindered) for (let n = 0; n < times; n++) process.hinder(by, 1);
    if (!queue.store.isUp()) process.hinder("storeless", 1);
    process.later(dice.within(50, 400), () => {
      note({ type: "ready", incarnation });
      slot.ready = true;
      if (role === "worker") workers.set(process, queue.employ(process));
      else {
        const producer = producerOf(process, world, queue.steps, simulation.now);
        producers.set(process, producer);
        producer.begin(slot.sentUpTo);
      }
      process.begin();
    });
  };

  const exited = (
    process: Process,
    { code, signal }: { readonly code: number | null; readonly signal: string | null },
  ): void => {
    const bytes = process.file.bytes();
    simulation.after(dice.within(0.1, 50), () =>
      note({ type: "exited", identity: identityOf(process), code, signal, bytes }),
    );
    const slot = slots.get(`${process.role === "worker" ? "worker" : "producer"}:${process.slot}`);
    if (slot === undefined) return;
    slot.sentUpTo = producers.get(process)?.sentUpTo() ?? slot.sentUpTo;
    slot.holder = undefined;
    slot.ready = false;
    replace(slot);
  };

  const replace = (slot: Slot): void =>
    simulation.after(dice.within(60, 1500), () => {
      if (slot.holder === undefined && slot.keptOut === 0) bear(slot);
    });

  const kill: Fleet["kill"] = (process, how = { code: null, signal: "SIGKILL" }) => {
    process.die();
    exited(process, how);
  };

  const slotOf = (name: SlotName): Slot => {
    const slot = slots.get(name);
    if (slot === undefined) throw new Error(`there is no ${name}`);
    return slot;
  };

  for (const role of ["producer", "worker"] as const) {
    for (let index = 0; index < world[`${role}s`]; index++) {
      const name: SlotName = `${role}:${index}`;
      const sentUpTo = index - world.producers;
      slots.set(name, {
        name,
        role,
        index,
        holder: undefined,
        ready: false,
        keptOut: 0,
        sentUpTo,
        hindered: new Map(),
      });
      bear(slotOf(name));
    }
  }

  return {
    on,
    queue,
    processes: () => processes,
    holder: (name) => slotOf(name).holder,
    workerOf: (process) => workers.get(process),
    isReady: (process) => [...slots.values()].some(({ holder, ready }) => holder === process && ready),
    keepOut: (name) => void slotOf(name).keptOut++,
    admit(name) {
      const slot = slotOf(name);
      slot.keptOut--;
      if (slot.holder === undefined) replace(slot);
    },
    kill,
    askToStop: (process) => process.later(0, () => workers.get(process)?.askToStop()),
    hinder(name, by, more) {
      const slot = slotOf(name);
      slot.hindered.set(by, (slot.hindered.get(by) ?? 0) + more);
      slot.holder?.hinder(by, more);
    },
    storeGoes() {
      queue.store.goDown();
      for (const process of processes) process.hinder("storeless", 1);
    },
    storeReturns(forgetsMs) {
      queue.store.comeUp(forgetsMs);
      for (const process of processes) process.hinder("storeless", -1);
      queue.leases.storeIsBack();
    },
    areThrough: () =>
      [...slots.values()].every(({ role, holder }) => {
        if (role === "worker") return holder !== undefined;
        const producer = holder === undefined ? undefined : producers.get(holder);
        return producer?.isThrough() === true;
      }),
    close() {
      for (const { holder } of slots.values()) {
        if (holder === undefined) continue;
        holder.file.close();
        note({ type: "exited", identity: identityOf(holder), code: 0, signal: null, bytes: holder.file.bytes() });
      }
    },
  };
}
