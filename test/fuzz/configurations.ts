/**
 * Catalogues and scenarios that no compiler has seen: members that are something else, names that act on a terminal,
 * numbers that no machine carries. Each is planned, or refused in a sentence, soon and within bounds.
 */
import { builtin } from "../../index.ts";
import { expectMembers } from "../../catalogues/members.ts";
import { expectRoom, thisMachine } from "../../harness/machine-limits.ts";
import { planRun } from "../../harness/plan.ts";
import { loadSystem, type Catalogues } from "../../catalogues/catalogues.ts";
import { validateScenario } from "../../scenarios/schema.ts";
import { monotonic } from "../../std/clock.ts";
import { plain } from "../../std/json.ts";
import { isPrintable } from "../../std/printable.ts";
import { seeded, type NonEmpty, type Random } from "../../std/random.ts";
import { UserError } from "../../std/user-error.ts";
import type { Door } from "./contract.ts";
import { estranged, strange } from "./strange.ts";

const soonMs = 30_000;
const memoryMost = 1 << 30;
const kinds = ["systems", "faults", "checks", "scenarios", "measures"] as const;

const throwing = new Proxy({}, { get: () => throwIt(), has: () => throwIt(), ownKeys: () => throwIt() });
function throwIt(): never {
  throw new TypeError("not for you");
}

/** What JSON has no word for. */
const odd: NonEmpty<(random: Random) => unknown> = [
  (random) => strange(random),
  () => undefined,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => 10n ** 30n,
  () => Symbol("odd"),
  () => () => {},
  () => throwIt,
  () => throwing,
  () => Object.create(null),
  () => ({ about: Symbol("odd") }),
  () => ({
    get about(): never {
      return throwIt();
    },
  }),
  () => new Map([["about", 1]]),
  () => {
    const circle: Record<string, unknown> = {};
    return Object.assign(circle, { circle });
  },
];

const names: NonEmpty<string> = [
  "odd",
  "",
  " ",
  "team/orders",
  "../up",
  "\u001b[2J",
  "\u202eodd",
  "__proto__",
  "toString",
  "a\nb",
  "x".repeat(1000),
];

const oddFault = { fault: "odd", options: {}, times: 1, between: [0.1, 0.9] };

type Loose = Record<string, unknown>;
const isLoose = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same with something odd somewhere, not deep. */
function bent(value: unknown, random: Random, depth = 2): unknown {
  if (!isLoose(value) || depth === 0 || random.below(6) === 0) return random.pick(odd)(random);
  const keys = Object.keys(value);
  const key = keys[random.below(Math.max(1, keys.length))] ?? "about";
  return { ...value, [key]: bent(value[key], random, depth - 1) };
}

/** A scenario of the catalogue, small enough to be planned often. */
const small = builtin.scenarios["reply-loss"] ?? throwIt();

/** Not by itself: whoever waits for it would look into it. */
async function catalogueOf(random: Random): Promise<{ readonly value: unknown }> {
  const name = random.below(4) === 0 ? random.pick(names) : "odd";
  const { default: system } = await (builtin.systems["stream"] ?? throwIt)();
  const answers = (): unknown => random.pick(odd)(random);
  const method = random.pick(["claims", "bounds"]);
  const liar =
    random.below(2) === 0 ? { ...system, [method]: answers } : { ...system, options: { safeParse: answers } };
  const own: Readonly<Record<(typeof kinds)[number], unknown>> = {
    systems: () => Promise.resolve({ default: random.pick([bent(system, random), liar, system]) }),
    faults: random.below(2) === 0 ? { ...builtin.faults.cut, plan: answers } : builtin.faults.cut,
    checks: builtin.checks["no-acked-loss"],
    scenarios:
      random.below(2) === 0 ? { ...small, trouble: [...small.trouble, oddFault] } : estranged(plain(small), random),
    measures: Object.values(builtin.measures)[0],
  };
  const members = Object.fromEntries(
    kinds.map((kind) => {
      const more = random.below(12) === 0 ? bent(own[kind], random) : own[kind];
      return [kind, { ...builtin[kind], [name]: more, odd: more }];
    }),
  );
  const catalogue = { ...builtin, ...members };
  return { value: random.below(8) === 0 ? bent(catalogue, random, 3) : catalogue };
}

const isCatalogues = (value: unknown): value is Catalogues => isLoose(value);

/** As the commands do it. */
async function use(random: Random): Promise<void> {
  const { value } = await catalogueOf(random);
  if (!isCatalogues(value)) throw new UserError("no catalogues");
  const catalogues = expectMembers(value, "odd.config.ts");
  for (const name of Object.keys(catalogues.systems))
    if (!isPrintable(name)) throw new Error(`the name ${name} was taken`);
  const { odd: system } = catalogues.systems;
  if (system !== undefined) void (await loadSystem("odd", system, 1000));
  validateScenario("odd", catalogues.scenarios["odd"]);
  const plan = await planRun(
    {
      scenario: "odd",
      system: random.below(2) === 0 ? "odd" : "stream",
      profile: "defaults",
      seed: "fuzz",
      ...(random.below(2) === 0 ? {} : { jobs: random.pick([1, 1000, 10_000_000, 1e9, 1e15]) }),
    },
    catalogues,
  );
  expectRoom(plan, thisMachine("."));
}

export const configurations: Door = {
  about: "Loads and plans what configurations give that no compiler has seen.",
  async run(seed, cases) {
    const found: { seed: string; what: string }[] = [];
    for (let number = 0; number < cases; number++) {
      const [fromNs, before] = [monotonic.nowNs(), process.memoryUsage().rss];
      const told = (what: string): void => void found.push({ seed: `${seed}/${number}`, what });
      try {
        await use(seeded(`${seed}/${number}`));
      } catch (thrown) {
        if (!(thrown instanceof UserError))
          told(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
      }
      const tookMs = (monotonic.nowNs() - fromNs) / 1e6;
      if (tookMs > soonMs) told(`it took ${Math.round(tookMs)} ms`);
      if (process.memoryUsage().rss - before > memoryMost) told("it took more than a gibibyte");
    }
    return { cases, mishandled: found };
  },
};
