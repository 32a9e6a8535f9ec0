/**
 * The house rule as a program: which room may reach for what, and why. An arrow that is not in the table is a
 * violation, whatever the way it is drawn: an import, a type, a re-export, an import at run time, a module started as a
 * process.
 */
import { lineOf, nodesOf, parse, references, type Node, type Reference, type Source } from "./references.ts";

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly reason: string;
}

interface Room {
  /** Rooms, files and patterns (a star is one path segment) beside its own files; `type` before it: types only. */
  readonly may: readonly string[];
  readonly because: string;
  /** Modules of Node and packages that it may not use. */
  readonly without?: readonly string[];
  /** Why not; and what it is asked to do instead. */
  readonly withoutBecause?: string;
}

const inputOutput =
  "fs net tls dgram dns http https http2 child_process cluster worker_threads timers perf_hooks readline"
    .split(" ")
    .map((name) => `node:${name}`);
const clients = ["ioredis", "bullmq", "toxiproxy-node-client"];
const pure = {
  without: [...inputOutput, ...clients],
  withoutBecause: "does no input or output, so that a stored run is judged again, the same, anywhere",
} as const;

/** The longest name that fits a file is its room. */
const rooms: Readonly<Record<string, Room>> = {
  std: { may: [], because: "stands below all rooms: what the platform lacks, about queues nothing" },
  history: { may: ["std"], because: "is the truth, and knows nobody who writes or reads it" },
  chaos: {
    may: ["std", "history/journal.ts", "history/resource.ts", "history/record.ts", "history/effects.ts"],
    because: "knows neither load nor checks nor engine, so that a fault works on any system",
  },
  "chaos/faults": {
    may: ["std", "history/journal.ts", "history/resource.ts", "chaos/*.ts", "chaos/levers/probe.ts"],
    because: "is handed its levers, so that a plan runs anywhere and another process can heal; it may look, by a probe",
    without: ["node:child_process", "node:fs", ...clients],
    withoutBecause: "touches the world through its levers alone",
  },
  checks: { may: ["history", "std"], because: "judges by the history alone and knows no system", ...pure },
  measures: { may: ["history", "std"], because: "measures by the history alone and knows no system", ...pure },
  thresholds: {
    may: [
      "measures/contract.ts",
      "measures/distribution.ts",
      "checks/contract.ts",
      "checks/evidence.ts",
      "history",
      "std",
    ],
    because: "judges whatever measure it is given, by the history alone",
    ...pure,
  },
  systems: {
    may: ["engine", "std", "history/record.ts", "type history/bounds.ts", "type history/journal.ts"],
    because: "is driven through its contract and knows nobody who drives or judges it",
  },
  reports: {
    may: [
      "checks/contract.ts",
      "measures/contract.ts",
      "history/effects.ts",
      "history/record.ts",
      "type history",
      "std",
    ],
    because: "tells what was judged; it neither judges nor measures",
    ...pure,
  },
  "reports/html": {
    may: [
      "reports",
      "checks/contract.ts",
      "measures/contract.ts",
      "history/effects.ts",
      "history/record.ts",
      "type history",
      "std",
    ],
    because: "tells what was judged; it neither judges nor measures",
    without: [...inputOutput.filter((name) => name !== "node:fs"), ...clients],
    withoutBecause: "may read its own assets, and nothing else",
  },
  scenarios: {
    may: ["history/ledger.ts", "std", "type checks/index.ts", "type chaos/index.ts"],
    because: "is plain data, typed by the catalogues and run by none of them",
  },
  catalogues: {
    may: ["*/contract.ts", "type history", "std"],
    because: "is what may be chosen from: it knows the shape of all members, and none by name",
  },
  fleet: {
    may: ["catalogues", "*/contract.ts", "scenarios/schema.ts", "type chaos/levers/process.ts", "history", "std"],
    because: "is processes under one supervisor, whatever they are for: a run, a comparison or a benchmark",
  },
  harness: {
    may: [
      "catalogues",
      "fleet",
      "*/contract.ts",
      "scenarios/schema.ts",
      "chaos/levers",
      "thresholds",
      "history",
      "std",
    ],
    because: "names no system, fault, check, measure, report or scenario, so that one more member never touches it",
  },
  studies: {
    may: ["catalogues", "fleet", "harness", "*/contract.ts", "type reports/compare/contract.ts", "history", "std"],
    because: "runs runs, and knows no member by name",
  },
  engine: { may: [], because: "is a package of its own and can be published alone" },
  "engine/std": {
    may: [],
    because: "stands below all rooms of the engine: what the platform lacks, about jobs nothing",
  },
  "engine/redis": {
    may: ["engine/std", "engine/options.ts", "type engine/job-type.ts"],
    because: "is how the engine asks the broker, and knows nobody who produces, works or operates",
  },
  "engine/producer": {
    may: ["engine/redis", "engine/std", "engine/*.ts"],
    because: "writes jobs, and knows nobody who works on them or looks at them",
  },
  "engine/operate": {
    may: ["engine/producer", "engine/redis", "engine/std", "engine/*.ts"],
    because: "looks at what there is, and knows nobody who works on it",
  },
  "engine/worker": {
    may: ["engine/redis", "engine/std", "engine/*.ts", "engine/producer/idempotent-producer.ts"],
    because: "is handed its broker and its job type, and knows no service",
  },
  "engine/worker/poison": {
    may: ["engine/redis", "engine/std", "type engine/worker"],
    because: "is left out of a first reading: it knows the worker by its types alone",
  },
  cli: {
    may: [
      "index.ts",
      "*/index.ts",
      "*/contract.ts",
      "*/*/index.ts",
      "scenarios/schema.ts",
      "catalogues",
      "harness",
      "studies",
      "reports",
      "history",
      "std",
    ],
    because: "is the door: it chooses members and prints, and has no logic of theirs",
  },
  "cli/setup": {
    may: [],
    because: "runs before anything is installed, on whatever Node there is",
    without: ["zod", ...clients],
    withoutBecause: "runs before anything is installed",
  },
  "docs/example": {
    may: ["index.ts"],
    because: "is copied into repositories where only the package's door is to be had",
  },
  "docs/generate": { may: ["**"], because: "" },
  rules: { may: ["**"], because: "" },
  bench: { may: ["**"], because: "" },
  test: { may: ["**"], because: "" },
  "run.ts": {
    may: ["catalogues", "harness", "studies", "type index.ts", "reports/contract.ts", "reports/compare", "std"],
    because: "is the door for tests and programs: what the command does, without a terminal",
  },
  "testing.ts": {
    may: ["history/testing", "systems/testing", "chaos/testing"],
    because: "is the door for tests of a user's own members: what tests have here, and no more",
  },
  "index.ts": {
    may: [
      "*/index.ts",
      "*/contract.ts",
      "systems/mutants/index.ts",
      "catalogues",
      "chaos/proof.ts",
      "checks/findings.ts",
      "history/fates.ts",
      "history/ledger.ts",
      "type history",
      "std",
    ],
    because: "is the package's door: whole catalogues, the contracts to extend them, and what members are made with",
  },
};

/** Say only at run time what they load: the user's configuration and client libraries, and the program that fits. */
const mayCompute = ["catalogues/configuration.ts", "engine/service/declaration.ts", "cli/bin.mjs", "engine/bin.mjs"];

const isTest = (path: string): boolean => path.endsWith(".test.ts");
/** Helpers of tests stand in the room that they are about, and reach for as much as tests do. */
const isTesting = (path: string): boolean => /(^|\/)testing\//.test(path);
/** They serve tests, programs about the repository, and whoever tests members of their own. */
const mayUseTesting = /^(bench|docs\/generate|rules|test)\/|^testing\.ts$/;
const isConfiguration = (path: string): boolean => /^[^/]+\.config\.ts$/.test(path);

export function violations(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => !isTest(path) && !isConfiguration(path))
    .filter(({ path }) => !isTesting(path) || path.startsWith("engine/"))
    .flatMap(violationsOf);
}

function violationsOf(source: Source): Violation[] {
  const { path, text } = source;
  const name = roomOf(path);
  const room = name === undefined ? undefined : rooms[name];
  if (name === undefined || room === undefined)
    return [{ path, line: 1, reason: "is in no room of rules/layers.ts: say there what it may reach for, and why" }];
  const tree = parse(source);
  const reached = references(source, tree).flatMap((reference) => {
    const reason = objection(path, name, room, reference);
    return reason === undefined ? [] : [{ path, line: reference.line, reason }];
  });
  // Its shape has bounds, which are functions.
  const isScenario = path.startsWith("scenarios/") && path !== "scenarios/schema.ts";
  const forbidden = isScenario ? functionsIn(tree) : [];
  return [
    ...reached,
    ...forbidden.map(({ start }) => ({
      path,
      line: lineOf(text, start),
      reason: "a scenario contains no function body: it must replay, shrink and print itself",
    })),
    ...(path.endsWith("/contract.ts") ? valuesOfContract(tree) : []).map(({ start }) => ({
      path,
      line: lineOf(text, start),
      reason: "a contract is types only, so that whoever knows it depends on nothing",
    })),
  ];
}

function roomOf(path: string): string | undefined {
  const fits = Object.keys(rooms).filter((name) => path === name || path.startsWith(`${name}/`));
  return fits.toSorted((a, b) => b.length - a.length)[0];
}

/** Why the room may not have this, or undefined when it may. */
function objection(path: string, name: string, room: Room, { kind, target, isOurs }: Reference): string | undefined {
  if (isOurs && isTesting(target) && !isTesting(path) && !mayUseTesting.test(path))
    return `may not import ${target}: what serves tests is no part of what they test`;
  if (room.may.includes("**") || (kind === "computed" && mayCompute.includes(path))) return undefined;
  if (kind === "computed" && !isOurs)
    return "imports something that is known only at run time: no rule can hold; write the import out";
  if (!isOurs) {
    const isBanned = room.without?.some((module) => target === module || target.startsWith(`${module}/`)) ?? false;
    return isBanned ? `may not use ${target}: ${name} ${room.withoutBecause ?? ""}` : undefined;
  }
  // Its own folder, and what lies at the root and is no module (package.json).
  const isOwn =
    target.startsWith(`${name}/`) || (kind === "process" && !target.includes("/") && !/\.[jt]s$/.test(target));
  if (isOwn || room.may.some((entry) => admits(entry, kind, target))) return undefined;
  const how = { value: "import", type: "import a type of", process: "start or read", computed: "import at run time" }[
    kind
  ];
  return `may not ${how} ${target}: ${name} ${room.because}`;
}

function admits(entry: string, kind: Reference["kind"], target: string): boolean {
  if (entry.startsWith("type ") && kind !== "type") return false;
  const expression = entry
    .replace(/^type /, "")
    .replaceAll(".", "\\.")
    .replaceAll("**", ".+")
    .replace(/(?<!\.)\*/g, "[^/]+");
  return new RegExp(`^${expression}(/|$)`).test(target);
}

const functionKinds = ["ArrowFunctionExpression", "FunctionExpression", "FunctionDeclaration", "ClassDeclaration"];

const functionsIn = (tree: Node): Node[] => [...nodesOf(tree)].filter(({ type }) => functionKinds.includes(type));

/** Statements of a contract that are still there once types are taken away. */
function valuesOfContract(tree: Node): Node[] {
  const body = Array.isArray(tree["body"]) ? tree["body"] : [];
  const kept = new Set(["TSInterfaceDeclaration", "TSTypeAliasDeclaration"]);
  return body.filter((node: Node) => {
    if (kept.has(node.type) || node["importKind"] === "type" || node["exportKind"] === "type") return false;
    return true;
  });
}
