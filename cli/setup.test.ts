/** The set-up on machines that it has never seen: a folder of planted programs is the whole PATH. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { aptInstall } from "./setup/apt.mjs";

const lock = JSON.stringify({ packages: { "": {}, "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } } });
const redis = (version: string): string => `echo "Redis server v=${version} sha=0"`;
const toxiproxy = "echo toxiproxy-server version 2.12.0";

/**
 * A checkout without anything, on a machine without anything; each planted program writes its name and arguments down.
 */
function machine(programs: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "whitewater-setup-"));
  const log = join(folder, "calls");
  const plant = (name: string, body: string): void => {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\necho "${name} $*" >> "${log}"\n${body}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  };
  mkdirSync(join(folder, "bin"));
  writeFileSync(log, "");
  cpSync(import.meta.dirname, join(folder, "cli"), { recursive: true, filter: (path) => !path.endsWith(".ts") });
  writeFileSync(join(folder, "package-lock.json"), lock);
  // What npm ci leaves behind, as far as the set-up looks at it.
  plant("npm", `/bin/mkdir -p node_modules && /bin/cp package-lock.json node_modules/.package-lock.json`);
  for (const [name, body] of Object.entries(programs)) plant(name, body);
  return {
    folder,
    plant,
    /** Without the questions for a version. */
    calls: (): string[] =>
      readFileSync(log, "utf8")
        .split("\n")
        .filter((call) => call !== "" && !/ -?-version$/.test(call)),
    async setUp(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
      const child = spawn(process.execPath, [join(folder, "cli", "setup.mjs"), ...args], {
        env: { PATH: join(folder, "bin"), HOME: folder, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const texts = { stdout: "", stderr: "" };
      child.stdout.on("data", (text) => (texts.stdout += String(text)));
      child.stderr.on("data", (text) => (texts.stderr += String(text)));
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      return { code, ...texts };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const npmCi = expect.stringMatching(/^npm ci .*--ignore-scripts/);

test("installs the packages once, says so, and is quiet when there is nothing to do", async () => {
  using own = machine({ "redis-server": redis("7.0.15"), "toxiproxy-server": toxiproxy });
  const first = await own.setUp();
  expect(first).toEqual({ code: 0, stdout: `${process.execPath}\n`, stderr: expect.stringContaining("dependencies") });
  expect(await own.setUp()).toEqual({ code: 0, stdout: `${process.execPath}\n`, stderr: "" });
  expect(own.calls()).toEqual([npmCi]);
});

test("installs again after the lock file changed", async () => {
  using own = machine({ "redis-server": redis("8.0.1"), "toxiproxy-server": toxiproxy });
  await own.setUp();
  writeFileSync(join(own.folder, "package-lock.json"), lock.replace("1.0.0", "1.0.1"));
  await own.setUp();
  expect(own.calls()).toEqual([npmCi, npmCi]);
});

test("of two at once, one installs and the other waits", async () => {
  using own = machine({ "redis-server": redis("7.0.15"), "toxiproxy-server": toxiproxy });
  const both = await Promise.all([own.setUp(), own.setUp()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(own.calls()).toEqual([npmCi]);
});

test("takes over the lock of a process that is gone", async () => {
  using own = machine({ "redis-server": redis("7.0.15"), "toxiproxy-server": toxiproxy });
  // This process lives, but it did not start then.
  writeFileSync(join(own.folder, ".setup-lock"), JSON.stringify({ pid: process.pid, startedAt: "before" }));
  expect(await own.setUp()).toMatchObject({ code: 0 });
  expect(readdirSync(own.folder).filter((name) => name.startsWith(".setup-lock"))).toEqual([]);
});

test("builds toxiproxy-server with go into the cache, once", async () => {
  const go = `printf '#!/bin/sh\\n${toxiproxy}\\n' > "$GOBIN/server"; /bin/chmod +x "$GOBIN/server"`;
  using own = machine({ "redis-server": redis("7.0.15"), go });
  expect(await own.setUp()).toMatchObject({ code: 0, stderr: expect.stringContaining("building toxiproxy-server") });
  expect(readdirSync(join(own.folder, ".cache", "whitewater", "bin"))).toEqual(["toxiproxy-server"]);
  expect(await own.setUp()).toMatchObject({ code: 0, stderr: "" });
  expect(own.calls().filter((call) => call.startsWith("go "))).toEqual([
    expect.stringContaining("/cmd/server@v2.12.0"),
  ]);
});

test("names the ways where there are none, and asks for nothing that is given", async () => {
  using own = machine({ "redis-server": redis("6.0.16"), go: "echo no network >&2; exit 1" });
  const { code, stdout, stderr } = await own.setUp();
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(
    /no redis-server 7.0 or newer[^]*apt-get install[^]*WHITEWATER_REDIS_SERVER[^]*--redis[^]*is 6.0.16/,
  );
  const other = await own.setUp(["--redis", "127.0.0.1:1"]);
  expect(other.stderr).toMatch(/no toxiproxy-server[^]*WHITEWATER_TOXIPROXY_SERVER[^]*--toxiproxy[^]*no network/);
  expect(await own.setUp(["--redis=127.0.0.1:1", "--toxiproxy=127.0.0.1:2"])).toMatchObject({ code: 0, stderr: "" });
});

test("is content with a container engine where nothing else can be had, and tells why it is not", async () => {
  using own = machine({});
  const program = join(own.folder, "harness", "environment", "image-process.ts");
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, `console.log("image of " + process.argv[2]);`);
  expect(await own.setUp()).toMatchObject({ code: 0, stderr: expect.stringMatching(/no redis-server.*\n.*toxiproxy/) });
  writeFileSync(program, `console.log("no engine for " + process.argv[2]); process.exit(1);`);
  expect(await own.setUp()).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/have a container engine[^]*container: [^]*no engine for redis/),
  });
});

test("takes the programs that the environment names, and only those", async () => {
  using own = machine({ mine: redis("7.2.0"), proxy: toxiproxy });
  const named = (program: string): string => join(own.folder, "bin", program);
  const variables = { WHITEWATER_REDIS_SERVER: named("mine"), WHITEWATER_TOXIPROXY_SERVER: named("proxy") };
  expect(await own.setUp([], variables)).toMatchObject({ code: 0 });
  const wrong = await own.setUp([], { ...variables, WHITEWATER_REDIS_SERVER: named("proxy") });
  expect(wrong).toMatchObject({ code: 3, stderr: expect.stringMatching(/WHITEWATER_REDIS_SERVER: .*does not tell/) });
});

test.runIf(process.getuid?.() === 0)(
  "installs with apt-get without starting a service, after new lists where it must",
  () => {
    using own = machine({
      "apt-cache": `[ -e "$0.lists" ] && echo "Candidate: 5:7.0.15-1" || echo "Candidate: (none)"`,
    });
    own.plant(
      "apt-get",
      `[ "$1" = update ] && : > "\${0%get}cache.lists"; [ "$1" = update ] || "${own.folder}/policy"; [ $? = 101 -o "$1" = update ]`,
    );
    const policy = join(own.folder, "policy");
    const path = process.env["PATH"];
    process.env["PATH"] = join(own.folder, "bin");
    try {
      expect(aptInstall("redis-server", [7, 0], { policy })).toMatchObject({ ok: true });
      expect(aptInstall("redis-server", [7, 2], { policy })).toMatchObject({
        ok: false,
        why: expect.stringContaining("7.0.15"),
      });
    } finally {
      process.env["PATH"] = path;
    }
    expect(own.calls().filter((call) => call.startsWith("apt-get install"))).toHaveLength(1);
    expect(readdirSync(own.folder)).not.toContain("policy");
  },
);

test("installs, builds and fetches nothing where it may not, and says so", async () => {
  using own = machine({
    "apt-get": "exit 0",
    "apt-cache": `echo "Candidate: 5:7.0.15-1"`,
    brew: "exit 0",
    go: "exit 0",
  });
  const { code, stderr } = await own.setUp(["--no-install"]);
  expect(code).toBe(3);
  expect(stderr).toMatch(/apt-get: --no-install forbids it[^]*brew: --no-install forbids it/);
  const other = await own.setUp(["--no-install", "--redis", "127.0.0.1:1"]);
  expect(other.stderr).toContain("go: --no-install forbids it");
  expect(own.calls()).toEqual([npmCi]);
});

test.runIf(process.getuid?.() === 0)("says what it does before it installs, and how that is forbidden", async () => {
  using own = machine({
    "toxiproxy-server": toxiproxy,
    "apt-cache": `echo "Candidate: 5:7.0.15-1"`,
    "apt-get": "exit 1",
  });
  const { stderr } = await own.setUp();
  expect(stderr).toMatch(/apt-get install redis-server .*--no-install forbids it/);
});

test("what is packed in a fresh clone installs what builds it first", async () => {
  using own = machine({});
  own.plant(
    "npm",
    `/bin/mkdir -p node_modules/.bin && /bin/cp package-lock.json node_modules/.package-lock.json
    echo 'require("node:fs").mkdirSync("dist")' > node_modules/.bin/tsc`,
  );
  writeFileSync(join(own.folder, "tsconfig.build.json"), JSON.stringify({ include: [] }));
  for (let again = 0; again < 2; again++) {
    const env = { PATH: join(own.folder, "bin"), HOME: own.folder };
    const options = { cwd: own.folder, env, encoding: "utf8" } as const;
    const ended = spawnSync(process.execPath, [join(own.folder, "cli", "build.mjs")], options);
    expect(ended.status, ended.stderr).toBe(0);
  }
  expect(readdirSync(own.folder)).toContain("dist");
  expect(own.calls()).toEqual([npmCi]);
});

/** A package that holds a program, and says what a registry would of it. */
function nodePackage(folder: string, version: string): { readonly tarball: string; readonly checksum: string } {
  const tarball = join(folder, "node.tgz");
  mkdirSync(join(folder, "package", "bin"), { recursive: true });
  writeFileSync(join(folder, "package", "bin", "node"), `#!/bin/sh\necho v${version}\n`, { mode: 0o755 });
  spawnSync("tar", ["-czf", tarball, "-C", folder, "package"]);
  return { tarball, checksum: `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}` };
}

test("a Node that is new enough is used, for an old one another is fetched once, and only by its checksum", () => {
  using own = machine({});
  const { tarball, checksum } = nodePackage(own.folder, "24.99.0");
  own.plant("npm", `/bin/cp "${tarball}" "$4/it.tgz"`);
  const machineName = `${process.platform}-${process.arch}`;
  const find = (version: string, checksums: Readonly<Record<string, string>>, ...words: readonly string[]): string => {
    const module = JSON.stringify(pathToFileURL(join(own.folder, "cli", "setup", "node.mjs")).href);
    const builds = JSON.stringify({ version: "24.99.0", checksums });
    const program = `import { findNode } from ${module}; try { console.log(findNode("${version}", ${builds})); } catch (e) { console.log(e.message); }`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program, "--", ...words], {
      env: { PATH: `${join(own.folder, "bin")}:/usr/bin:/bin`, HOME: own.folder },
      encoding: "utf8",
    });
    return stdout.trim();
  };
  for (const newEnough of ["24.3.0", "24.21.0", "26.0.0"]) expect(find(newEnough, {})).toBe(process.execPath);
  expect(find("22.22.1", {})).toContain(`no build of it for ${machineName}`);
  expect(find("22.22.1", { [machineName]: checksum }, "--no-install")).toContain("--no-install forbids it");
  expect(own.calls()).toEqual([]);
  expect(find("22.22.1", { [machineName]: `${checksum}x` })).toContain("what the registry gave is not what it was");
  const fetched = join(own.folder, ".cache", "whitewater", "node", "24.99.0", "node");
  for (let again = 0; again < 2; again++) expect(find("20.0.0", { [machineName]: checksum })).toBe(fetched);
  expect(own.calls()).toHaveLength(2);
  expect(readdirSync(join(own.folder, ".cache", "whitewater", "node"))).toEqual(["24.99.0"]);
});

const servers = { "redis-server": redis("7.0.15"), "toxiproxy-server": toxiproxy };

test("a compiler that has its headers is enough, one without is not, and neither is an error", async () => {
  using own = machine({ ...servers, cc: `[ "$1" = -E ]`, "apt-get": "exit 1", "apt-cache": "exit 1" });
  await own.setUp();
  expect(own.calls().filter((call) => call.startsWith("apt"))).toEqual([]);
  expect(await own.setUp()).toMatchObject({ code: 0, stderr: "" });
});

test.runIf(process.getuid?.() === 0 && process.platform === "linux")(
  "a compiler is installed where there is none, and sought only once where there is none to be had",
  async () => {
    using own = machine({
      ...servers,
      cc: "exit 1",
      "apt-cache": `echo "Candidate: 4:12.2.0-3"`,
      "apt-get": `[ "$1" = install ] && [ -e "$0.works" ]`,
    });
    const first = await own.setUp();
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining("no clock can be bent on this machine") });
    expect(await own.setUp()).toMatchObject({ code: 0, stderr: "" });
    rmSync(join(own.folder, ".cache"), { recursive: true });
    writeFileSync(join(own.folder, "bin", "apt-get.works"), "");
    const second = await own.setUp();
    expect(second).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("no gcc here: apt-get install gcc libc6-dev"),
    });
    expect(second.stderr).not.toContain("no clock");
    expect(own.calls().filter((call) => /^apt-get install .* gcc libc6-dev$/.test(call))).toHaveLength(2);
  },
);
