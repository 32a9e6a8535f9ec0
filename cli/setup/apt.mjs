/** Programs from the machine's own packages: the program alone, not a service that runs from now on. */
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { isAtLeast, onPath, run, say } from "./say.mjs";

/** @typedef {ReturnType<typeof run>} Ended */

/**
 * @param {string} name a package; its service, if it has one, is of the same name
 * @param {readonly number[]} oldest
 * @param {{ readonly also?: readonly string[], readonly policy?: string | null }} [options] other packages that it needs
 *   here; Debian's hook against starting what was installed, or null where there is nothing to start
 * @returns {Ended}
 */
export function aptInstall(name, oldest, { also = [], policy = "/usr/sbin/policy-rc.d" } = {}) {
  if (onPath("apt-get") === undefined) return { ok: false, why: "not on PATH" };
  if (process.getuid?.() !== 0)
    return { ok: false, why: `needs root: sudo apt-get install ${[name, ...also].join(" ")}` };
  say(`installing ${name} with apt-get (about 15 s the first time) ...`);
  const install = () => {
    const first = tryInstall(name, oldest, also);
    // A new container has no package lists, an old machine has some whose versions are gone.
    return first.ok || !run("apt-get", ["update"]).ok ? first : tryInstall(name, oldest, also);
  };
  return policy === null ? install() : withoutServices(policy, name, install);
}

/** @param {string} name @param {readonly number[]} oldest @param {readonly string[]} also @returns {Ended} */
function tryInstall(name, oldest, also) {
  const asked = run("apt-cache", ["policy", name]);
  const version = asked.ok ? /Candidate: (?:\d+:)?(\d[\d.]*)/.exec(asked.output)?.[1] : undefined;
  if (version === undefined) return { ok: false, why: `has no package ${name}` };
  if (!isAtLeast(version, oldest)) return { ok: false, why: `would bring ${name} ${version}` };
  const flags = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];
  return run("apt-get", ["install", ...flags, name, ...also], { env: { DEBIAN_FRONTEND: "noninteractive" } });
}

/**
 * Debian starts what it installs, unless a hook forbids it. Ours forbids only while this process lives and removes itself
 * when it is asked later, so that a killed set-up leaves nothing in the way. The service is not started at boot either.
 * @param {string} policy
 * @param {string} name
 * @param {() => Ended} install
 */
function withoutServices(policy, name, install) {
  const isOurs = !existsSync(policy);
  if (isOurs) {
    writeFileSync(policy, `#!/bin/sh\nkill -0 ${process.pid} 2>/dev/null && exit 101\nrm -f "$0"\nexit 0\n`);
    chmodSync(policy, 0o755);
  }
  try {
    const installed = install();
    if (installed.ok && existsSync("/run/systemd/system")) run("systemctl", ["disable", "--quiet", name]);
    return installed;
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}
