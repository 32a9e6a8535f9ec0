/** Programs from the machine's own packages: the program alone, not a service that runs from now on. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forbidden, isAtLeast, mayInstall, onPath, run, say } from "./say.mjs";

/** @typedef {ReturnType<typeof run>} Ended */
/** Runs a program as root. @typedef {(program: string, args: readonly string[]) => Ended} Root */

/**
 * @param {string} name a package; its service, if it has one, is of the same name
 * @param {readonly number[]} oldest
 * @param {{ readonly also?: readonly string[], readonly policy?: string | null }} [options] other packages that it needs
 *   here; Debian's hook against starting what was installed, or null where there is nothing to start
 * @returns {Ended}
 */
export function aptInstall(name, oldest, { also = [], policy = "/usr/sbin/policy-rc.d" } = {}) {
  if (onPath("apt-get") === undefined) return { ok: false, why: "not on PATH" };
  const command = `apt-get install ${[name, ...also].join(" ")}`;
  if (!mayInstall()) return { ok: false, why: forbidden };
  const root = asRoot();
  if (root === undefined)
    return { ok: false, why: `needs root, and sudo is not here or asks for a password: sudo ${command}` };
  say(`no ${name} here: ${root.by}${command} (about 15 s; no service is started; --no-install forbids it) ...`);
  const install = () => {
    const first = tryInstall(name, oldest, also, root.run);
    // A new container has no package lists, an old machine has some whose versions are gone.
    return first.ok || !root.run("apt-get", ["update"]).ok ? first : tryInstall(name, oldest, also, root.run);
  };
  return policy === null ? install() : withoutServices(policy, name, install, root.run);
}

const isRoot = () => process.getuid?.() === 0;

/** As we are, or by a sudo that asks for nothing, as the runners of CI services have it. @returns {{ by: string, run: Root } | undefined} */
export function asRoot() {
  const variables = { DEBIAN_FRONTEND: "noninteractive" };
  if (isRoot()) return { by: "", run: (program, args) => run(program, args, { env: variables }) };
  if (onPath("sudo") === undefined || !run("sudo", ["-n", "true"]).ok) return undefined;
  const words = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`);
  return { by: "sudo ", run: (program, args) => run("sudo", ["-n", "env", ...words, program, ...args]) };
}

/** @param {string} name @param {readonly number[]} oldest @param {readonly string[]} also @param {Root} root @returns {Ended} */
function tryInstall(name, oldest, also, root) {
  const asked = run("apt-cache", ["policy", name]);
  const version = asked.ok ? /Candidate: (?:\d+:)?(\d[\d.]*)/.exec(asked.output)?.[1] : undefined;
  if (version === undefined) return { ok: false, why: `has no package ${name}` };
  if (!isAtLeast(version, oldest)) return { ok: false, why: `would bring ${name} ${version}` };
  const flags = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];
  return root("apt-get", ["install", ...flags, name, ...also]);
}

/**
 * Debian starts what it installs, unless a hook forbids it. Ours forbids only while this process lives and removes itself
 * when it is asked later, so that a killed set-up leaves nothing in the way. The service is not started at boot either.
 * @param {string} policy
 * @param {string} name
 * @param {() => Ended} install
 * @param {Root} root
 */
function withoutServices(policy, name, install, root) {
  const isOurs = !existsSync(policy) && place(policy, root);
  try {
    const installed = install();
    if (installed.ok && existsSync("/run/systemd/system")) root("systemctl", ["disable", "--quiet", name]);
    return installed;
  } finally {
    if (isOurs && isRoot()) rmSync(policy, { force: true });
    else if (isOurs) root("rm", ["-f", policy]);
  }
}

/** @param {string} policy @param {Root} root */
function place(policy, root) {
  const script = `#!/bin/sh\nkill -0 ${process.pid} 2>/dev/null && exit 101\nrm -f "$0"\nexit 0\n`;
  if (isRoot()) {
    writeFileSync(policy, script, { mode: 0o755 });
    return true;
  }
  const folder = mkdtempSync(join(tmpdir(), "whitewater-policy-"));
  try {
    writeFileSync(join(folder, "policy"), script);
    return root("install", ["-m", "755", join(folder, "policy"), policy]).ok;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
