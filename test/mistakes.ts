/**
 * What people get wrong: configurations with one mistake each, and commands, with what the message about them must say.
 */
import { join } from "node:path";
import { root } from "../rules/tree.ts";

const door = JSON.stringify(join(root, "index.ts"));
const small = `{ about: "Small.", store: "memory", load: { ...builtin.scenarios.outage.load, jobs: 10, seconds: 1 }, trouble: [], exercises: [] }`;
const scenario = (changes: string): string =>
  `import { builtin } from ${door};\nexport default builtin.extend({ scenarios: { small: { ...${small}, ${changes} } } });\n`;
const system = (entry: string): string =>
  `import { builtin } from ${door};\nexport default builtin.extend({ scenarios: { small: ${small} }, systems: { odd: ${entry} } });\n`;
const like = (changes: string): string =>
  system(`async () => ({ default: { ...(await builtin.systems.stream()).default, ${changes} } })`);

export const configurations = {
  unparsed: "export default {\n  a: [1,\n};\n",
  throwing: 'const nothing = undefined;\n\nthrow new Error("not today");\n',
  importing: 'import "not-installed";\n',
  silent: "export const a = 1;\n",
  other: "export default { systems: {} };\n",
  taken: `import { builtin } from ${door};\nexport default builtin.extend({ scenarios: { day: builtin.scenarios.day } });\n`,
  fault: scenario(`trouble: [{ fault: "worker-kil", options: {}, times: 1, between: [0, 1] }]`),
  options: scenario(`trouble: [{ fault: "worker-kill", options: { lastsMs: 5 }, times: 1, between: [0, 1] }]`),
  shape: scenario(`load: { ...builtin.scenarios.day.load, jobs: "many" }`),
  shares: scenario(
    `load: { ...builtin.scenarios.outage.load, priorities: { high: { weight: 8, share: 0.5 }, low: { weight: 1, share: 0.4 } } }`,
  ),
  exercise: scenario(`exercises: ["no-los"]`),
  guarantee: like(`claims: () => ({ "no-los": {} })`),
  terms: like(`claims: () => ({ "recovery-bound": { boundMs: "soon" } })`),
  boundless: like(`bounds: () => undefined`),
  unbound: like(`bounds: () => ({ recoveryMs: "soon", retryMs: 0 })`),
  unclaimed: like(`claims: () => { throw new Error("no idea"); }`),
  missing: system(`() => import("./not-there.ts")`),
  empty: system(`async () => ({})`),
  package: like(`packages: ["a-client-that-nobody-has"]`),
  refusing: like(`connect: () => Promise.reject(new UserError("set ORDERS_URL"))`).replace(
    "{ builtin",
    "{ builtin, UserError",
  ),
  null: `import { builtin } from ${door};\nexport default builtin.extend({ faults: { odd: null }, checks: { odd: 5 } });\n`,
  bidi: `import { builtin } from ${door};\nexport default builtin.extend({ faults: { "\\u202eodd\\u001b[2J": builtin.faults.cut } });\n`,
  crowd: scenario(`load: { ...builtin.scenarios.outage.load, workers: 1_000_000, concurrency: 1e9 }`),
  endless: scenario(`trouble: [{ fault: "worker-kill", options: {}, times: 1e9, between: [0, 1] }]`),
  small: scenario(""),
  cut: scenario(
    `load: { ...builtin.scenarios.outage.load, seconds: 3 }, trouble: [{ fault: "cut", options: {}, times: 1, between: [0, 0] }]`,
  ),
  clustered: like(`store: "cluster"`),
  stopping: scenario(`trouble: [{ fault: "broker-stop", options: {}, times: 1, between: [0, 0] }]`),
} as const;

/** The scenario `small` of a configuration; its runs go to a folder of the same name. */
export const run = (configuration: keyof typeof configurations, ...more: readonly string[]): readonly string[] =>
  ["run", "small", "--config", `${configuration}.ts`, "--runs", configuration].concat(more);
const odd = ["--system", "odd"];

export interface Case {
  readonly words: readonly string[];
  /** What the message must say: what is wrong, and what would be right. */
  readonly says: readonly (string | RegExp)[];
  readonly variables?: Readonly<Record<string, string>>;
}

export const cases: Readonly<Record<string, Case>> = {
  "an unknown command": { words: ["rnu"], says: ['"rnu"', "there are: run, list, recheck"] },
  "an unknown option": { words: ["run", "day", "--sede", "1"], says: ["'--sede'", "whitewater run --help"] },
  "an option without its value": { words: ["run", "day", "--seed"], says: ["--seed", "whitewater run --help"] },
  "one word too many": { words: ["recheck", "a", "b"], says: ['"b"', "whitewater recheck --help"] },
  "no scenario": { words: ["run"], says: ["name a scenario", "whitewater list"] },
  "an unknown scenario": { words: ["run", "nigth"], says: ['scenario is called "nigth"', "there are: day"] },
  "an unknown scenario behind a known one": {
    words: ["run", "day", "nigth"],
    says: ['scenario is called "nigth"', "there are: day"],
  },
  "an unknown system": {
    words: ["run", "day", "--system", "kafka"],
    says: [
      'system is called "kafka"',
      /there are: stream, stream-cluster, stream-http, bullmq, and \d+ mutants \(`whitewater list --mutants`\)/,
    ],
  },
  "an unknown profile": {
    words: ["run", "day", "--system", "bullmq", "--profile", "fast"],
    says: ['profile of bullmq is called "fast"', "defaults, tuned"],
  },
  "an unknown mutant": { words: ["mutants", "immortal"], says: ['no mutant is called "immortal"', "no-reclaim"] },
  "a proof of something else": {
    words: ["proof", "--only", "smoke,immortal"],
    says: ['none is called "immortal"', "no-reclaim"],
  },
  "mutants from nowhere": {
    words: ["mutants", "--from", "nowhere"],
    says: ["--from takes a folder", "nowhere is none"],
  },
  "no seed for mutants": { words: ["mutants", "--seeds", "0"], says: ["--seeds takes a whole number from 1", '"0"'] },
  "a number in words": {
    words: ["run", "day", "--jobs", "ten"],
    says: ["--jobs takes a whole number from 1, such as", '"ten"'],
  },
  "a negative number": {
    words: ["run", "day", "--seeds", "-2"],
    says: ["--seeds takes a whole number from 1", '"-2"'],
  },
  "a broken number": { words: ["run", "day", "--seconds", "1.5"], says: ["--seconds takes a whole number", '"1.5"'] },
  "more seconds than a history can tell": {
    words: ["run", "day", "--seconds", "50000"],
    says: ["a load of 50000 s", "take at most", "--seconds"],
  },
  "a seed that does not fit into names": {
    words: ["run", "day", "--seed", "a b"],
    says: ["--seed takes letters, digits", '"a b"'],
  },
  "a run directory below a file": {
    words: ["run", "small", "--config", "small.ts", "--runs", "file/runs"],
    says: ["the run directory", "file/runs", "choose a writable place with --runs"],
  },
  "a recheck of nothing": { words: ["recheck"], says: ["whitewater recheck runs/latest"] },
  "a recheck of no run": { words: ["recheck", "file"], says: ["file holds no run", "runs/latest"] },

  "no configuration": { words: run("small", "--config", "gone.ts"), says: ["there is no configuration at", "gone.ts"] },
  "a configuration that does not parse": {
    words: run("unparsed"),
    says: ["unparsed.ts cannot be loaded", "unparsed.ts:3"],
  },
  "a configuration that throws": { words: run("throwing"), says: ["throwing.ts cannot be loaded: not today (line 3)"] },
  "a configuration that imports what is not there": {
    words: run("importing"),
    says: ["importing.ts cannot be loaded", "'not-installed'"],
  },
  "a configuration without a default export": {
    words: run("silent"),
    says: ["silent.ts must have", "export default builtin.extend("],
  },
  "a configuration of something else": {
    words: run("other"),
    says: ["other.ts must have", "export default builtin.extend("],
  },
  "a name that is taken": { words: run("taken"), says: ['a scenario called "day"', "choose another name", "line 2"] },
  "a scenario with an unknown fault": {
    words: run("fault"),
    says: ['no fault is called "worker-kil"', "worker-kill, "],
  },
  "a scenario with another fault's options": {
    words: run("options"),
    says: ["the options of worker-kill are wrong", '"lastsMs"'],
  },
  "a scenario of another shape": {
    words: run("shape"),
    says: ['scenario "small" is not one', "expected number, received string", "load.jobs"],
  },
  "a scenario whose priorities are not those of all its jobs": {
    words: run("shares"),
    says: ['scenario "small" is not one', "they add up to 1", "load.priorities"],
  },
  "a scenario that exercises an unknown guarantee": {
    words: run("exercise"),
    says: ['scenario "small" exercises "no-los"'],
  },
  "a claim of an unknown guarantee": {
    words: run("guarantee", ...odd),
    says: ['system "odd" claims "no-los"', "there are: no-acked-loss"],
  },
  "a claim with wrong terms": {
    words: run("terms", ...odd),
    says: ['system "odd" claims "recovery-bound"', "boundMs"],
  },
  "a system without bounds": { words: run("boundless", ...odd), says: ['system "odd": bounds threw', "undefined"] },
  "a system whose bounds are none": {
    words: run("unbound", ...odd),
    says: ['the bounds of system "odd" are none', "recoveryMs"],
  },
  "a system that cannot say what it claims": {
    words: run("unclaimed", ...odd),
    says: ['system "odd": claims threw: no idea'],
  },
  "a system whose module is not there": {
    words: run("missing", ...odd),
    says: ['system "odd" cannot be loaded', "not-there.ts"],
  },
  "a system that is none": { words: run("empty", ...odd), says: ['system "odd" must be the default export'] },
  "a list with a system that is none": {
    words: ["list", "--config", "empty.ts"],
    says: ['system "odd" must be the default export'],
  },
  "a client library that is not installed": {
    words: run("package", ...odd),
    says: ['"a-client-that-nobody-has" is not installed in', "npm install a-client-that-nobody-has"],
  },
  "a system that cannot connect, by its own word": { words: run("refusing", ...odd), says: ["set ORDERS_URL"] },

  "an address that is none": {
    words: run("small", "--redis", "localhost"),
    says: ["--redis takes HOST:PORT", '"localhost"'],
  },
  "a Redis in a scenario that stops the store": {
    words: run("stopping", "--redis", "127.0.0.1:6379"),
    says: [
      'not all faults of scenario "small" can be had here',
      "broker-stop: it stops the store",
      "leave --redis out",
      "--without broker-stop",
    ],
  },
  "a Redis for a system on a cluster": {
    words: run("clustered", ...odd, "--redis", "127.0.0.1:6379"),
    says: ["a system on a cluster cannot be run here", "leave --redis out"],
  },
  "a system on a cluster in a comparison": {
    words: ["compare", "stream", "odd", "--config", "clustered.ts", "--runs", "clustered"],
    says: ["configurations are compared on one store", "odd needs a cluster"],
  },
  "members that are none": {
    words: ["list", "--config", "null.ts"],
    says: ["not all that", 'fault "odd": these are missing', 'check "odd": these are missing'],
  },
  "a name that acts on a terminal": {
    words: ["list", "--config", "bidi.ts"],
    says: ['the name of fault "\\u{202e}odd\\u{1b}[2J" is not one line'],
  },
  "a million workers": { words: run("crowd"), says: ['scenario "small" is not one', "<=1000", "<=10000"] },
  "a thousand million faults": { words: run("endless"), says: ["200 faults in all at most (times)"] },
  "a thousand million jobs": {
    words: run("small", "--jobs", "1000M", "--seconds", "5"),
    says: ['--jobs takes at most 100,000,000, not "1000M"'],
  },
  "runs in what is no directory": {
    words: run("small", "--runs", "file"),
    says: ["runs cannot be kept in", "it is no directory", "--runs"],
  },
  "runs on a pseudo file system": {
    words: run("small", "--runs", "/proc/whitewater"),
    says: ["--runs"],
  },
  "a fault left out that the scenario does not have": {
    words: run("stopping", "--without", "broker-stop,worker-kill"),
    says: ['no fault "worker-kill" to be left out', "it has: broker-stop"],
  },
  "a redis-server that is no program": {
    words: run("small"),
    variables: { WHITEWATER_REDIS_SERVER: "file" },
    says: ["WHITEWATER_REDIS_SERVER names file, which is not a program"],
  },
  "a toxiproxy-server that is no program": {
    words: run("cut"),
    variables: { WHITEWATER_TOXIPROXY_SERVER: "file" },
    says: ["WHITEWATER_TOXIPROXY_SERVER names file, which is not a program"],
  },
  "a doctor with a variable that names no program": {
    words: ["doctor"],
    variables: { WHITEWATER_REDIS_SERVER: "file" },
    says: ["WHITEWATER_REDIS_SERVER names file, which is not a program"],
  },
  "a redis-server that does not start": {
    words: run("small"),
    variables: { WHITEWATER_REDIS_SERVER: process.execPath },
    says: ["does not start", /see .+redis\.log/],
  },
  "a toxiproxy-server that does not start": {
    words: run("cut"),
    variables: { WHITEWATER_TOXIPROXY_SERVER: process.execPath },
    says: ["ended with", /see .+toxiproxy\.log/],
  },
  "a machine without redis-server": {
    words: run("small"),
    variables: {
      PATH: "",
      HOME: "",
      XDG_CACHE_HOME: "nowhere",
      WHITEWATER_REDIS_SERVER: "",
      WHITEWATER_CONTAINERS: "none",
    },
    says: [
      "needs redis-server 7.0 or newer",
      "apt-get install redis-server",
      "WHITEWATER_REDIS_SERVER=",
      "--redis HOST:PORT",
    ],
  },
};
