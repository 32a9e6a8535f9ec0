/**
 * A resource is what a fault takes hold of and a schedule keeps apart: a process by its slot, its link, its clock, the
 * store or the store's clock. Plans and journals hold it as text, which is put together and taken apart here alone.
 */
import type { Role } from "./record.ts";

/** A place that one process after the other holds, such as `worker:2`. */
export type Slot = `${Role}:${number}`;
export type Resource = "store" | "clock:store" | Slot | `link:${Slot}` | `clock:${Slot}`;

const form = /^(?:(?:clock:)?store|(?:link:|clock:)?(?<role>producer|worker|harness):(?<slot>0|[1-9]\d{0,4}))$/;

export const isResource = (value: unknown): value is Resource => typeof value === "string" && form.test(value);

export const slotOf = <R extends Role>(role: R, slot: number): `${R}:${number}` => `${role}:${slot}`;
export const linkOf = <S extends Slot>(slot: S): `link:${S}` => `link:${slot}`;
export const clockOf = <S extends Slot | "store">(whose: S): `clock:${S}` => `clock:${whose}`;

export const isLink = (resource: Resource): boolean => resource.startsWith("link:");
export const isClock = (resource: Resource): boolean => resource.startsWith("clock:");

/** The slot whose process, link or clock it is; undefined for what is the store's. */
export function slotIn(resource: Resource): { readonly role: Role; readonly slot: number } | undefined {
  const { role, slot } = form.exec(resource)?.groups ?? {};
  return role === "producer" || role === "worker" || role === "harness" ? { role, slot: Number(slot) } : undefined;
}
