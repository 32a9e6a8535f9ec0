/**
 * The places of a fleet and who holds them: another life follows in a slot when one ends, unless nobody may be there.
 */
import type { Journal } from "../history/journal-file.ts";
import { slotIn, slotOf, type Resource } from "../history/resource.ts";
import { sibling } from "../std/sibling.ts";
import { messageOf } from "../std/user-error.ts";
import { silentEnd, type Exit, type Failure } from "./failure.ts";
import { startLife, type Life, type Watcher } from "./life.ts";
import type { Assignment, FleetRole, Order } from "./messages.ts";

/** What is added to an assignment when a life begins. */
export type Post = Omit<Assignment, "incarnation" | "historyFile" | "earlierFiles">;

/** What a fleet needs of whom it works for. */
export interface Quarters {
  history(incarnation: number): string;
  log(role: FleetRole, slot: number): string;
  /** Of the environment of each process in the slot, beside those of the supervisor itself. */
  variables(slot: `${FleetRole}:${number}`): Readonly<Record<string, string>>;
  /** Told of what an adapter does that its contract does not allow. */
  flaw(why: string, isGrave: boolean): void;
  /** Another life follows one that ended; otherwise the fleet is broken by any that ends unasked. */
  readonly replaces: boolean;
  /** The modules that its processes run. Left out: our own. */
  readonly programs?: Readonly<Record<FleetRole, string>>;
}

const ownPrograms = {
  producer: sibling(import.meta.url, "./producer-process"),
  worker: sibling(import.meta.url, "./worker-process"),
};

/** Lives that ended by themselves before they were ready, in a row, before a slot is given up. */
const crashesAllowed = 5;

export class Slots implements Watcher {
  /** All that ever began, in order. */
  readonly lives: Life[] = [];
  /** Of those, who carried out their standing order. */
  readonly done = new Set<Life>();
  /** Why a slot cannot be kept. */
  broken: Failure | undefined;

  readonly #quarters: Quarters;
  readonly #journals: readonly Journal[];
  readonly #posts = new Map<Resource, Post>();
  readonly #standing = new Map<FleetRole, Order>();
  readonly #closed = new Set<FleetRole>();
  readonly #keptOut = new Set<Resource>();
  readonly #crashes = new Map<Resource, number>();

  constructor(quarters: Quarters, journals: readonly Journal[]) {
    this.#quarters = quarters;
    this.#journals = journals;
  }

  in(role: FleetRole, slot: number): readonly Life[] {
    return this.lives.filter(({ post }) => post.role === role && post.slot === slot);
  }

  current(role: FleetRole, slot: number): Life | undefined {
    return this.in(role, slot).at(-1);
  }

  /** Who holds the slot, or the one that the resource is a part of. */
  holder(resource: Resource): Life | undefined {
    const { role, slot } = slotIn(resource) ?? {};
    return role === "worker" || role === "producer" ? this.current(role, slot ?? 0) : undefined;
  }

  /** All that anybody ever held. */
  all(): readonly Resource[] {
    return [...this.#posts.keys()];
  }

  spawn(post: Post): void {
    const { role, slot } = post;
    const { history, log, variables, programs = ownPrograms } = this.#quarters;
    this.#posts.set(slotOf(role, slot), post);
    const incarnation = this.lives.length + 1;
    const historyFile = history(incarnation);
    const earlierFiles = this.in(role, slot).map((life) => history(life.incarnation));
    const lodging = {
      program: programs[role],
      log: log(role, slot),
      variables: variables(`${role}:${slot}`),
      journals: this.#journals,
    };
    this.lives.push(startLife({ ...post, incarnation, historyFile, earlierFiles }, lodging, this));
  }

  /** What each of a role has to do from when it is ready: those who are there, and those who come after them. */
  stand(role: FleetRole, order: Order): void {
    this.#standing.set(role, order);
    for (const life of this.lives) if (life.post.role === role && life.ready && !life.exited) this.#takeStand(life);
  }

  /** Nobody is started in the slots of a role any more. */
  close(role: FleetRole): void {
    this.#closed.add(role);
  }

  keepOut(resource: Resource): void {
    this.#keptOut.add(whole(resource));
  }

  admit(resource: Resource): void {
    // One that just ended is followed by another as soon as all that it said is heard.
    if (this.#keptOut.delete(whole(resource)) && this.holder(resource)?.silent === true) this.#fill(whole(resource));
  }

  ready(life: Life): void {
    this.#crashes.delete(slotOf(life.post.role, life.post.slot));
    this.#takeStand(life);
  }

  ended(life: Life, exit: Exit): void {
    const { role, slot } = life.post;
    if (this.#closed.has(role) || this.broken !== undefined) return;
    const resource = slotOf(role, slot);
    const early = life.ready ? 0 : (this.#crashes.get(resource) ?? 0) + 1;
    this.#crashes.set(resource, early);
    // A producer that gives up by itself would give up again, and leave the load unmet.
    const gaveUp = life.failure?.whose === "user" || (role === "producer" && exit.code !== null && exit.code !== 0);
    const isHopeless = !this.#standing.has("producer") && life.failure?.unsettled === true;
    if (!this.#quarters.replaces || gaveUp || isHopeless || early > crashesAllowed)
      this.broken = life.failure ?? silentEnd(`${role} ${slot}`, life.entering, exit, this.#quarters.log(role, slot));
    else this.#fill(resource);
  }

  flaw(why: string, isGrave: boolean): void {
    this.#quarters.flaw(why, isGrave);
  }

  unstartable(why: string): void {
    this.broken ??= { why, whose: "user" };
  }

  #takeStand(life: Life): void {
    const order = this.#standing.get(life.post.role);
    if (order === undefined) return;
    // One that ends before it is done is told by its end.
    life.obey(order).then(
      () => void this.done.add(life),
      () => {},
    );
  }

  /** Somebody is started in the slot, unless somebody is there or nobody may be. */
  #fill(resource: Resource): void {
    const post = this.#posts.get(resource);
    if (post === undefined || this.#closed.has(post.role) || this.broken !== undefined) return;
    if (this.#keptOut.has(resource) || this.holder(resource)?.exited === false) return;
    try {
      this.spawn(post);
    } catch (thrown) {
      this.broken = { why: `${post.role} ${post.slot} cannot be started again: ${messageOf(thrown)}`, whose: "ours" };
    }
  }
}

/** The slot that the resource is, or is a part of, such as a link. */
function whole(resource: Resource): Resource {
  const { role, slot } = slotIn(resource) ?? {};
  return role === "worker" || role === "producer" ? slotOf(role, slot ?? 0) : resource;
}
