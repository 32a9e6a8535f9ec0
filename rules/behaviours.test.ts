/** docs/behaviours.md: every known failure has its row, and every row a test that is there under that very name. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutants } from "../systems/mutants/index.ts";
import { nodesOf, parse, type Node, type Source } from "./references.ts";
import { read, root } from "./tree.ts";

const ids = [
  ..."P1 P2 P3 P4 P5 P6 P7 P8 P9 P10".split(" "),
  ..."C1 C2 C3 C4 C5 C6 C7 C8 D1 D2 R1 R4 Q1 Q2 Q3 Q4".split(" "),
  ..."Y1 Y2 Y3 Y4 Y5 Y6 Y7 Y8".split(" "),
];
const reasonsMax = 3;

interface Row {
  readonly id: string;
  readonly guards: readonly Guard[];
}

type Guard =
  | { readonly kind: "test"; readonly path: string; readonly title: string }
  | { readonly kind: "mutant"; readonly name: string; readonly check: string }
  /** Why it does not apply. */
  | { readonly kind: "reason"; readonly why: string }
  | { readonly kind: "nonsense"; readonly text: string };

const rowsOf = (page: string): readonly Row[] =>
  page.split("\n").flatMap((line) => {
    const [, id = "", elsewhere = "", here = "", guards = "", ...more] = line.split("|").map((cell) => cell.trim());
    if (!line.startsWith("|") || /^-*$/.test(id)) return []; // no row, or the head of a table
    const isWhole = elsewhere !== "" && here !== "" && more.join("") === "";
    return [{ id, guards: isWhole ? guards.split("<br>").map(guardOf) : [{ kind: "nonsense", text: line } as const] }];
  });

function guardOf(text: string): Guard {
  const [, path, title] = /^`([^`]+)` "([^"]+)"$/.exec(text) ?? [];
  if (path !== undefined && title !== undefined) return { kind: "test", path, title };
  const [, name, check] = /^mutant `([^`]+)`, failed by `([^`]+)`$/.exec(text) ?? [];
  if (name !== undefined && check !== undefined) return { kind: "mutant", name, check };
  const [, why] = /^no test: (.{30,})$/.exec(text) ?? [];
  return why === undefined ? { kind: "nonsense", text } : { kind: "reason", why };
}

const acts = "systems/testing/acts.ts";

/**
 * The titles of a file's tests as they are written, with the holes of a template; not of those that are skipped. Each
 * act of the contract is a test of every system.
 */
const titlesOf = (source: Source): ReadonlySet<string> =>
  new Set(
    [...nodesOf(parse(source))].flatMap((node) => {
      const { key } = node;
      if (source.path === acts && node.type === "Property" && isPlaced(key) && key.type === "Literal")
        return [source.text.slice(key.start + 1, key.end - 1)];
      if (node.type !== "CallExpression" || !isTest(node["callee"])) return [];
      const [title] = Array.isArray(node["arguments"]) ? node["arguments"] : [];
      if (!isPlaced(title) || !["Literal", "TemplateLiteral"].includes(title.type)) return [];
      return [source.text.slice(title.start + 1, title.end - 1)];
    }),
  );

/** `test`, `test.concurrent`, `test.each(...)`, `test.runIf(...)`. */
function isTest(callee: unknown): boolean {
  if (!isPlaced(callee)) return false;
  if (callee.type === "Identifier") return callee["name"] === "test";
  if (callee.type === "CallExpression") return isTest(callee["callee"]);
  if (callee.type !== "MemberExpression" || !isPlaced(callee["property"])) return false;
  return !["skip", "todo", "fails"].includes(String(callee["property"]["name"])) && isTest(callee["object"]);
}

const isPlaced = (value: unknown): value is Node & { readonly end: number } =>
  typeof value === "object" && value !== null && "start" in value && "end" in value && typeof value.end === "number";

/** What is wrong with the page, in words. */
async function complaints(page: string): Promise<readonly string[]> {
  const rows = rowsOf(page);
  const found: string[] = [];
  for (const id of ids) {
    const count = rows.filter((row) => row.id === id).length;
    if (count !== 1) found.push(`${id} has ${count} rows`);
  }
  for (const { id, guards } of rows) {
    if (!ids.includes(id)) found.push(`${id} is not in the list`);
    for (const guard of guards) {
      const wrong = await wrongWith(guard, guards.length === 1);
      if (wrong !== undefined) found.push(`${id}: ${wrong}`);
    }
  }
  const reasons = rows.filter(({ guards }) => guards.some(({ kind }) => kind === "reason")).length;
  if (reasons > reasonsMax) found.push(`${reasons} rows have a reason and no test; ${reasonsMax} may`);
  return found;
}

async function wrongWith(guard: Guard, isAlone: boolean): Promise<string | undefined> {
  switch (guard.kind) {
    case "test":
      if ((!guard.path.endsWith(".test.ts") && guard.path !== acts) || !existsSync(join(root, guard.path)))
        return `there is no ${guard.path}`;
      return titlesOf(read(guard.path)).has(guard.title)
        ? undefined
        : `${guard.path} has no test "${guard.title}", or skips it`;
    case "mutant": {
      const [, load] = Object.entries(mutants).find(([name]) => name === guard.name) ?? [];
      if (load === undefined) return `there is no mutant ${guard.name}`;
      const { killedBy } = (await load()).default;
      return killedBy === guard.check ? undefined : `${guard.name} is failed by ${killedBy}, not by ${guard.check}`;
    }
    case "reason":
      return isAlone ? undefined : "has a reason beside a test";
    case "nonsense":
      return `this says nothing: ${guard.text}`;
  }
}

const page = read("docs/behaviours.md").text;

test("docs/behaviours.md has every known failure once, and each names a test that is there, or says why there is none", async () => {
  expect(await complaints(page)).toEqual([]);
});

const twice = "every known failure once";
const here = "rules/behaviours.test.ts";

test.each<[string, RegExp, string, string]>([
  ["a row that is missing", /^\| P3 .*\n/m, "", "P3 has 0 rows"],
  ["a row that is there twice", /^\| D1 .*\n/m, "$&$&", "D1 has 2 rows"],
  ["a row that nobody asked for", /^\| R4 /m, "| R9 | x | x | x |\n$&", "R9 is not in the list"],
  ["a test that is not there", /("the jobs of a killed worker) start/, "$1 begin", 'has no test "the jobs of a killed'],
  [
    "a test that is part of a title",
    /"everything is forgotten, and work goes on"/,
    '"everything is forgotten"',
    "P8: ",
  ],
  [
    "a file that is not there",
    /`engine\/worker\/poison\/poison\.real/,
    "`engine/worker/poison/venom.real",
    "there is no engine/worker/poison/venom.real.test.ts",
  ],
  ["a mutant that is not there", /mutant `no-fencing`/, "mutant `no-fence`", "there is no mutant no-fence"],
  ["a check that fails it not", /failed by `fenced`/, "failed by `drained`", "no-fencing is failed by fenced"],
  ["a row without a guard", /^(\| P10 \|[^|]*\|[^|]*\|).*/m, "$1 |", "P10: this says nothing"],
  ["a reason beside a test", /no test: .*(?= \|)/, `$&<br>\`${here}\` "${twice}"`, "has a reason beside a test"],
  [
    "one reason too many",
    /^(\| [PR]\d \|[^|]*\|[^|]*\|).*/gm,
    `$1 no test: ${"because ".repeat(5)}|`,
    "rows have a reason",
  ],
])("finds %s", async (_, from, to, complaint) => {
  const planted = page.replace(from, to);
  expect(planted).not.toBe(page);
  expect((await complaints(planted)).join("\n")).toContain(complaint);
});

test("a skipped test guards nothing", () => {
  const text = `test("a", f); test.skip("b", f); test.each([1])("c $n", f); test.todo("d"); test.concurrent(\`\${e}: f\`, f);`;
  expect([...titlesOf({ path: "x.test.ts", text })]).toEqual(["a", "c $n", "${e}: f"]);
});
