/**
 * A redis-server and a toxiproxy-server on this machine. What is there is used; else the means that the machine has are
 * tried in turn; else one message names the ways. Whatever we build lies in a cache of our own, never on PATH.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { aptInstall } from "./apt.mjs";
import { cacheFolder, forbidden, isAtLeast, isProgram, mayInstall, onPath, run, say, SetupError } from "./say.mjs";

const oldestRedis = [7, 0];
const toxiproxy = { module: "github.com/Shopify/toxiproxy/v2", version: "2.12.0" };

/** Each way either finds the program or says why not. @typedef {{ found: string } | { why: string }} Tried */

/**
 * The last resort: a container engine that has the image, or can pull it.
 * @typedef {(name: "redis" | "toxiproxy") => Tried} ByContainer
 */

/** @param {string} node that runs this project @param {string} program which has an image ready @returns {ByContainer} */
export function byContainer(node, program) {
  return (name) => {
    say(`no ${name}-server here: asking the container engine for its image (which is pulled the first time) ...`);
    const asked = run(node, [program, name]);
    return asked.ok ? { found: asked.output } : { why: `container: ${asked.why}` };
  };
}

/** @param {ByContainer} container */
export function provideRedis(container) {
  provide(
    "redis-server 7.0 or newer",
    [
      fromVariable("WHITEWATER_REDIS_SERVER", checkedRedis),
      redisOnPath,
      redisByApt,
      redisByBrew,
      () => container("redis"),
    ],
    [
      "install it so that redis-server is on PATH (apt-get install redis-server, brew install redis, ...)",
      "in a CI job, a step before this one: sudo apt-get install -y redis-server; or a service, and --redis HOST:PORT",
      "name the program: WHITEWATER_REDIS_SERVER=/path/to/redis-server",
      "have a container engine that answers (Docker, Podman, ...): its image is pulled",
      "use a server that runs: --redis HOST:PORT",
    ],
  );
}

/** @param {ByContainer} container */
export function provideToxiproxy(container) {
  const ways = [
    fromVariable("WHITEWATER_TOXIPROXY_SERVER", checkedToxiproxy),
    toxiproxyOnPath,
    toxiproxyInCache,
    toxiproxyByGo,
    toxiproxyByBrew,
    () => container("toxiproxy"),
  ];
  provide("toxiproxy-server", ways, [
    "put the program on PATH (https://github.com/Shopify/toxiproxy/releases)",
    "name the program: WHITEWATER_TOXIPROXY_SERVER=/path/to/toxiproxy-server",
    "install Go (https://go.dev/dl; in a CI job: actions/setup-go), which builds it in a minute, or brew",
    "have a container engine that answers (Docker, Podman, ...): its image is pulled",
    "use a server that runs: --toxiproxy HOST:PORT",
  ]);
}

/** @param {string} what @param {readonly (() => Tried)[]} ways @param {readonly string[]} advice */
function provide(what, ways, advice) {
  const reasons = [];
  for (const way of ways) {
    const tried = way();
    if ("found" in tried) return;
    reasons.push(tried.why);
  }
  const lines = [
    ...advice.map((line) => `  - ${line}`),
    "  What was tried:",
    ...reasons.filter(Boolean).map((why) => `  - ${why}`),
  ];
  throw new SetupError(`no ${what} on this machine. Ways to provide it:\n${lines.join("\n")}`);
}

/** Named by the user, so a wrong one is an error and never passed over. @param {string} variable @param {(path: string) => Tried} checked @returns {() => Tried} */
function fromVariable(variable, checked) {
  return () => {
    const path = process.env[variable];
    if (!path) return { why: "" };
    const tried = checked(path);
    if ("why" in tried) throw new SetupError(`${variable}: ${tried.why}`);
    return tried;
  };
}

/** @param {string} path @returns {Tried} */
function checkedRedis(path) {
  const asked = run(path, ["--version"]);
  if (!asked.ok) return { why: `${path} ${asked.why}` };
  const version = /v=([\d.]+)/.exec(asked.output)?.[1];
  if (version === undefined) return { why: `${path} does not tell its version` };
  return isAtLeast(version, oldestRedis) ? { found: path } : { why: `${path} is ${version}` };
}

/** @returns {Tried} */
function redisOnPath() {
  const path = onPath("redis-server");
  return path === undefined ? { why: "redis-server is not on PATH" } : checkedRedis(path);
}

/** @returns {Tried} */
function redisByApt() {
  const installed = aptInstall("redis-server", oldestRedis);
  return installed.ok ? redisOnPath() : { why: `apt-get: ${installed.why}` };
}

/** @returns {Tried} */
function redisByBrew() {
  return byBrew("redis", redisOnPath);
}

/** @returns {Tried} */
function toxiproxyByBrew() {
  return byBrew("shopify/shopify/toxiproxy", toxiproxyOnPath);
}

/** @param {string} formula @param {() => Tried} find @returns {Tried} */
function byBrew(formula, find) {
  if (onPath("brew") === undefined) return { why: "brew is not on PATH" };
  if (!mayInstall()) return { why: `brew: ${forbidden}` };
  say(`installing ${formula} with brew (--no-install forbids it) ...`);
  const installed = run("brew", ["install", formula]);
  return installed.ok ? find() : { why: `brew install ${formula} ${installed.why}` };
}

/** @param {string} path @returns {Tried} */
function checkedToxiproxy(path) {
  const asked = run(path, ["-version"]);
  if (!asked.ok) return { why: `${path} ${asked.why}` };
  return asked.output.includes("toxiproxy") ? { found: path } : { why: `${path} is not a toxiproxy-server` };
}

/** @returns {Tried} */
function toxiproxyOnPath() {
  const path = onPath("toxiproxy-server");
  return path === undefined ? { why: "toxiproxy-server is not on PATH" } : checkedToxiproxy(path);
}

/** The environment's providers look in the same place. */
const programs = () => join(cacheFolder(), "bin");

/** @returns {Tried} */
function toxiproxyInCache() {
  const path = join(programs(), "toxiproxy-server");
  return isProgram(path) ? checkedToxiproxy(path) : { why: `${path} does not exist` };
}

/** @returns {Tried} */
function toxiproxyByGo() {
  if (onPath("go") === undefined) return { why: "go is not on PATH" };
  if (!mayInstall()) return { why: `go: ${forbidden}` };
  say(`building toxiproxy-server ${toxiproxy.version} with go, into ${programs()} (about a minute the first time) ...`);
  mkdirSync(programs(), { recursive: true });
  const building = mkdtempSync(join(programs(), ".building-"));
  try {
    // Without the flag it calls itself "git"; the newest tag that the module proxy names may be an old one, hence the pin.
    const flags = `-s -w -X ${toxiproxy.module}.Version=${toxiproxy.version}`;
    const built = run("go", ["install", "-ldflags", flags, `${toxiproxy.module}/cmd/server@v${toxiproxy.version}`], {
      cwd: building,
      env: { CGO_ENABLED: "0", GOBIN: building },
    });
    if (!built.ok) return { why: `go install ${built.why}` };
    renameSync(join(building, "server"), join(programs(), "toxiproxy-server")); // whole, or not there
    return toxiproxyInCache();
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}
