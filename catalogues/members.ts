/**
 * What the members of catalogues must look like, for those that no compiler has seen: as much of each as is asked for
 * before anything of it is called. A scenario has a schema of its own, and is held against it when it is chosen.
 */
import { messageOf, UserError } from "../std/user-error.ts";
import { isPrintable } from "../std/printable.ts";
import type { Catalogues } from "./catalogues.ts";

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): boolean => typeof value === "string";
const isCalled = (value: unknown): boolean => typeof value === "function";
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isSchema = (value: unknown): boolean => isObject(value) && "safeParse" in value && isCalled(value.safeParse);
const isSwitch = (value: unknown): boolean => typeof value === "boolean";

const shapes = {
  fault: {
    about: isText,
    effect: isText,
    needs: isList,
    options: isSchema,
    plan: isCalled,
    arm: isCalled,
    heal: isCalled,
  },
  check: { about: isText, needs: isList, options: isSchema, check: isCalled },
  scenario: { about: isText, load: isObject, trouble: Array.isArray },
  measure: { about: isText, measure: isCalled },
  report: { about: isText, file: isText, render: isCalled },
  system: {
    about: isText,
    packages: isList,
    roles: isList,
    store: (value) => value === "single" || value === "cluster",
    options: isSchema,
    profiles: isObject,
    tellsSettlements: isSwitch,
    delays: isSwitch,
    priorities: isSwitch,
    claims: isCalled,
    bounds: isCalled,
    connect: isCalled,
  },
} as const satisfies Readonly<Record<string, Shape>>;

/** What of it is missing, or of another kind. */
export function unlike(kind: keyof typeof shapes, value: unknown): readonly string[] {
  if (!isObject(value)) return ["everything"];
  const read: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.keys(shapes[kind]).map((key) => [key, Reflect.get(value, key)]),
  );
  return Object.entries<(value: unknown) => boolean>(shapes[kind]).flatMap(([key, is]) => (is(read[key]) ? [] : [key]));
}

const nameMost = 100;
const isName = (name: string): boolean => name.trim() !== "" && name.length <= nameMost && isPrintable(name);

/** Where a run's own record is. */
const taken = /^(run\.json|journal\.jsonl|(record|reports)\.sha256|history|logs|\..*)$/;
const isFileName = (file: unknown): boolean =>
  typeof file === "string" && /^[\w.-]{1,100}$/.test(file) && !taken.test(file);

/** Clauses, each about one member; none where all are as they have to be. */
function flawsOf(catalogues: Catalogues): readonly string[] {
  try {
    const { systems, mutants, faults, checks, scenarios, measures, reports } = catalogues;
    return [
      ...named("system", systems, (one) => (typeof one === "function" ? [] : ["it is no function that loads one"])),
      ...named("fault", faults, (one) => lacking("fault", one)),
      ...named("check", checks, (one) => lacking("check", one)),
      ...named("scenario", scenarios, (one) => lacking("scenario", one)),
      ...named("measure", measures, (one) => lacking("measure", one)),
      ...(mutants === undefined || isList(mutants) ? [] : ["`mutants` is no list of names"]),
      ...(Array.isArray(reports) ? reports.flatMap(ofReport) : ["`reports` is no list"]),
    ];
  } catch (thrown) {
    return [`it cannot be looked at: ${messageOf(thrown)}`];
  }
}

function named(kind: string, members: unknown, flaws: (member: unknown) => readonly string[]): readonly string[] {
  if (!isObject(members)) return [`there is no catalogue of ${kind}s`];
  return Object.entries(members).flatMap(([name, member]) => [
    ...(isName(name)
      ? []
      : [`the name of ${kind} "${name.slice(0, nameMost)}" is not one line of up to ${nameMost} characters`]),
    ...flaws(member).map((flaw) => `${kind} "${name.slice(0, nameMost)}": ${flaw}`),
  ]);
}

function lacking(kind: keyof typeof shapes, member: unknown): readonly string[] {
  const missing = unlike(kind, member);
  return missing.length === 0 ? [] : [`these are missing, or are something else: ${missing.join(", ")}`];
}

function ofReport(report: unknown, index: number): readonly string[] {
  const flaws = lacking("report", report);
  if (flaws.length > 0) return flaws.map((flaw) => `report ${index + 1}: ${flaw}`);
  const file: unknown = isObject(report) && "file" in report ? report.file : undefined;
  return isFileName(file)
    ? []
    : [`report ${index + 1}: "${String(file)}" is not the name of a file of its own in the run directory`];
}

/** @throws UserError with what is wrong with any of them */
export function expectMembers(catalogues: Catalogues, file: string): Catalogues {
  const flaws = flawsOf(catalogues);
  if (flaws.length === 0) return catalogues;
  throw new UserError(
    [`not all that ${file} gives can be used:`, ...flaws.slice(0, 10).map((flaw) => `  - ${flaw}`)].join("\n"),
  );
}
