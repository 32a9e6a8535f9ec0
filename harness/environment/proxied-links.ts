/** The run's proxies in a Toxiproxy: each on file before it is made, and shown to carry before it is used. */
import { randomUUID } from "node:crypto";
import type { Address, Link } from "../../chaos/contract.ts";
import { askOnce } from "../../chaos/levers/probe.ts";
import { ControlError, proxyControl, type OwnedLink } from "../../chaos/levers/proxy.ts";
import { slotIn, type Resource } from "../../history/resource.ts";
import { onFreePort } from "../../std/free-port.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { ownMark } from "../../std/mark.ts";
import { textOf } from "./address.ts";
import type { ToxiproxyEndpoint } from "./any-toxiproxy.ts";

export interface ProxiedLinks {
  /** All that were made, or were about to be. */
  readonly all: readonly OwnedLink[];
  /** @throws UserError when Toxiproxy does not reach the store, or we do not reach the proxy */
  create(resource: Resource, role: string, upstream: Address): Promise<Link>;
}

const everywhere = "0.0.0.0";

export function proxiedLinks(
  { api, own, apart }: ToxiproxyEndpoint,
  onFile: () => void,
  scope: AsyncDisposableStack,
): ProxiedLinks {
  const control = proxyControl(api);
  const all: OwnedLink[] = [];
  // Others may have proxies in one that was given.
  const prefix = own ? "" : `whitewater-${ownMark()}-${randomUUID().slice(0, 8)}-`;

  const linkOn = (port: number, of: Pick<OwnedLink, "name" | "resource" | "upstream">): OwnedLink => {
    const listen = { host: api.host, port };
    if (apart === undefined) return { ...of, listen };
    const inside = { listen: { host: apart.ports ? everywhere : api.host, port }, upstream: apart.upstream };
    return { ...of, listen, inside };
  };

  const create = async (link: OwnedLink): Promise<OwnedLink | "taken"> => {
    all.push(link);
    onFile();
    const creating = control.create(link);
    if (!own)
      scope.defer(async () => {
        await creating.catch(() => {}); // whatever came of it: afterwards there is none
        await control.remove(link);
      });
    try {
      await creating;
      return link;
    } catch (thrown) {
      if (!(thrown instanceof ControlError && thrown.message.includes("address already in use"))) throw thrown;
      all.splice(all.indexOf(link), 1);
      return "taken";
    }
  };

  const untried = [...(apart?.ports ?? [])];
  const onPort = async (start: (port: number) => Promise<OwnedLink | "taken">): Promise<OwnedLink> => {
    if (apart?.ports === undefined) return await onFreePort(start);
    return (await onNextOf(untried, start)) ?? tooFew(apart.ports.length);
  };

  return {
    all,
    async create(resource, role, upstream) {
      const whose = slotIn(resource);
      const name = `${prefix}${whose === undefined ? resource : `${whose.role}-${whose.slot}`}-${role}`;
      const link = await onPort((port) => create(linkOn(port, { name, resource, upstream })));
      await askOnce(link.listen, "PING").catch((thrown: unknown) => {
        const way = `${textOf(link.listen)}, which Toxiproxy forwards to ${textOf(link.inside?.upstream ?? upstream)}`;
        throw new UserError(`the store does not answer through ${way}: ${messageOf(thrown)}`);
      });
      return link;
    },
  };
}

/** Takes what it has tried out of the list, so that the next begins behind it. */
async function onNextOf(
  untried: number[],
  start: (port: number) => Promise<OwnedLink | "taken">,
): Promise<OwnedLink | undefined> {
  for (let port = untried.shift(); port !== undefined; port = untried.shift()) {
    const link = await start(port);
    if (link !== "taken") return link;
  }
  return undefined;
}

function tooFew(published: number): never {
  throw new UserError(
    `this run needs more links than ${published}, the ports of Toxiproxy that are reachable from here, less those that others use: publish more (--toxiproxy-ports FROM-TO)`,
  );
}
