/** Addresses as the user writes them. */
import type { Address } from "../../chaos/contract.ts";
import { UserError } from "../../std/user-error.ts";

/** @throws UserError when it is not `host:port` */
export function parseAddress(text: string, option: string): Address {
  const [, host, digits] = /^(?:\w+:\/\/)?(\[[\da-f:]+\]|[\w.-]+):(\d{1,5})\/?$/i.exec(text) ?? [];
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new UserError(`${option} takes HOST:PORT, such as 127.0.0.1:6379, not "${text}"`);
  }
  return { host: host.replaceAll(/[[\]]/g, ""), port };
}

export { textOf } from "../../std/address.ts";

/** @throws UserError when it is not `from-to` */
export function parsePorts(text: string, option: string): readonly number[] {
  const [, from, to] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (from === undefined || to === undefined || from < 1 || to > 65_535 || from > to) {
    throw new UserError(`${option} takes FROM-TO, such as 20000-20031, not "${text}"`);
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
