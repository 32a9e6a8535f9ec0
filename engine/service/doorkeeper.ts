/** Who may ask at all: whoever has the token; without one, only those for whom the service is at home. */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { HttpError } from "./problems.ts";

export function keepDoor(app: FastifyInstance, token: string | undefined): void {
  app.addHook("onRequest", async ({ headers, raw: { httpVersionMinor, socket } }) => {
    if (headers.host === undefined && httpVersionMinor > 0) throw new HttpError(400, "a request has a Host header");
    if (token === undefined && isLoopback(socket.localAddress) && !isHere(headers.host))
      throw new HttpError(421, `nothing is served as "${headers.host}" here: ask for localhost, or set a token`);
  });
  if (token !== undefined) askForToken(app, token);
}

function askForToken(app: FastifyInstance, token: string): void {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const wanted = digest(token);
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config !== undefined && "open" in request.routeOptions.config) return;
    const [, given = ""] = /^bearer +(.*)$/i.exec(request.headers.authorization ?? "") ?? [];
    if (timingSafeEqual(digest(given), wanted)) return;
    void reply.header("www-authenticate", "Bearer");
    throw new HttpError(401, "send the service's token: `Authorization: Bearer ...`");
  });
}

const isLoopback = (address = ""): boolean => /^(::ffff:)?127\.|^::1$/.test(address);

/**
 * A page of anybody may have its own name lead to this machine, and then a browser here asks for it (DNS rebinding). It
 * cannot have these: addresses, and the names that are nobody else's.
 */
function isHere(host: string | undefined): boolean {
  if (host === undefined) return true; // no browser leaves it out
  const name = host.replace(/:\d*$/, "").toLowerCase();
  return isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0 || /^(.+\.)?localhost\.?$/.test(name);
}
