/** Every metric, label and state that rules, dashboard and adapter name is one that the engine tells. */
import { parser } from "@prometheus-io/lezer-promql";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { paths, read } from "../testing/tree.ts";
import { jobType } from "../job-type.ts";
import { metricsOf } from "../metrics.ts";

const folder = "deploy";
const text = (path: string): string => read(`${folder}/${path}`);
const yaml = (path: string): unknown => parse(text(path));

/**
 * A metric's labels, each with its values: those that there can be, or undefined where a user or Prometheus says them.
 */
type Labels = ReadonlyMap<string, ReadonlySet<string> | undefined>;
type Known = ReadonlyMap<string, Labels>;

const scrapeFile = z.object({
  scrape_configs: z.tuple([z.object({ relabel_configs: z.array(z.object({ target_label: z.string().optional() })) })]),
});
const byTarget = scrapeFile
  .parse(yaml("prometheus/scrape.yml"))
  .scrape_configs[0].relabel_configs.flatMap(({ target_label: label }) => label ?? []);
const ofTarget = ["job", "instance", ...byTarget];

const isOpen = (label: string): boolean => ["type", "le"].includes(label);

/** A histogram has several. */
const nameOf = (value: object, base: string): string => ("metricName" in value ? String(value.metricName) : base);

/** What a process of the engine tells, once it has seen one of everything. */
async function told(): Promise<Known> {
  const counts = { waiting: 1, active: 1, delayed: 1, dead: 1, oldestMs: 1, brokerMs: 1 };
  const metrics = metricsOf({ counts: async () => counts }, [jobType({ name: "email" })]);
  await metrics.text();
  const { observer } = metrics.watched({ name: "email" }, { stop: AbortSignal.abort() });
  for (const ended of ["done", "failed", "aborted"] as const) observer?.ran?.({ ended, ms: 1, enqueuedAt: 0 });
  const known = new Map<string, Map<string, Set<string> | undefined>>();
  for (const { name: base, values } of await metrics.registry.getMetricsAsJSON())
    for (const { name, labels } of values.map((value) => ({ ...value, name: nameOf(value, base) }))) {
      const all =
        known.get(name) ?? new Map<string, Set<string> | undefined>(ofTarget.map((label) => [label, undefined]));
      known.set(name, all);
      for (const [label, value] of Object.entries(labels))
        all.set(label, isOpen(label) ? undefined : new Set([...(all.get(label) ?? []), String(value)]));
    }
  return known;
}

const rulesFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(z.object({ record: z.string().optional(), alert: z.string().optional(), expr: z.string() })),
    }),
  ),
});
const rulesOf = (path: string) => rulesFile.parse(yaml(path)).groups.flatMap(({ rules }) => rules);
const recordings = rulesOf("prometheus/recording.yml");

/** And what the recording rules make of it: their names say which labels are left. */
async function knownAfterRecording(): Promise<Known> {
  const known = await told();
  const states = known.get("engine_jobs")?.get("state");
  const recorded = recordings.map(({ record = "" }): [string, Labels] => {
    const left = record.split(":", 1).flatMap((level) => level.split("_"));
    return [record, new Map(left.map((label) => [label, label === "state" ? states : undefined]))];
  });
  return new Map([...known, ...recorded]);
}

interface Selector {
  readonly metric: string;
  readonly matchers: { readonly label: string; readonly values: string }[];
}

/** Which metrics an expression reads, and by which labels it groups. */
function readingsOf(expression: string): {
  readonly selectors: readonly Selector[];
  readonly grouped: readonly string[];
} {
  const selectors: Selector[] = [];
  const grouped: string[] = [];
  let label = "";
  parser.parse(expression).iterate({
    enter({ type, name, node, from, to }) {
      const here = expression.slice(from, to);
      const above = node.parent?.name;
      if (type.isError) throw new SyntaxError(`at character ${from} of ${expression}`);
      if (name === "VectorSelector") selectors.push({ metric: "", matchers: [] });
      const last = selectors.at(-1);
      if (name === "Identifier" && last !== undefined) selectors[selectors.length - 1] = { ...last, metric: here };
      if (name === "LabelName" && above === "GroupingLabels") grouped.push(here);
      else if (name === "LabelName") label = here;
      if (name === "StringLiteral" && above === "UnquotedLabelMatcher")
        last?.matchers.push({ label, values: here.slice(1, -1) });
    },
  });
  return { selectors, grouped };
}

function complaints(expression: string, known: Known): string[] {
  const { selectors, grouped } = readingsOf(expression);
  if (selectors.length === 0) return [`${expression} reads nothing`];
  const some = new Set(selectors.flatMap(({ metric }) => [...(known.get(metric)?.keys() ?? [])]));
  return [
    ...grouped.filter((label) => !some.has(label)).map((label) => `nothing that it reads has the label ${label}`),
    ...selectors.flatMap(({ metric, matchers }) => {
      const labels = known.get(metric);
      if (labels === undefined) return [`there is no metric ${metric}`];
      return matchers.flatMap(({ label, values }) => {
        if (!labels.has(label)) return [`${metric} has no label ${label}`];
        const all = labels.get(label);
        const wrong = all === undefined ? [] : values.split("|").filter((value) => !all.has(value));
        return wrong.map((value) => `${metric} is never told with ${label}="${value}"`);
      });
    }),
  ].map((complaint) => `${complaint}: ${expression}`);
}

test.each([
  ["sum(engine_jobs_processed)", "there is no metric engine_jobs_processed"],
  ["rate(engine_jobs_processed_total{queue='email'}[5m])", "engine_jobs_processed_total has no label queue"],
  ['engine_jobs{state=~"waiting|running"}', 'engine_jobs is never told with state="running"'],
  ["sum by (queue) (engine_jobs)", "nothing that it reads has the label queue"],
  ["namespace_type:engine_oldest_job_age_seconds:max{pod='a'}", "has no label pod"],
  ["vector(1)", "reads nothing"],
])("finds what is wrong with %s", async (expression, complaint) => {
  expect(complaints(expression, await knownAfterRecording())).toEqual([expect.stringContaining(complaint)]);
});

test("rules read what the engine tells, and their names say what they leave", async () => {
  const known = await knownAfterRecording();
  const alerts = rulesOf("prometheus/alerts.yml");
  expect([...recordings, ...alerts].flatMap(({ expr }) => complaints(expr, known))).toEqual([]);
  for (const { record = "", expr } of recordings)
    expect(record.split(":")[0], expr).toBe([...new Set(readingsOf(expr).grouped)].join("_"));
});

const unitTests = z.object({
  tests: z.array(z.object({ name: z.string(), input_series: z.array(z.object({ series: z.string() })) })),
});

test("the rules' own tests are fed what the engine tells, and there is one for each alert", async () => {
  const known = await knownAfterRecording();
  const { tests } = unitTests.parse(yaml("prometheus/rules.test.yml"));
  const series = tests.flatMap(({ input_series: all }) => all.map(({ series }) => series));
  expect(series.flatMap((one) => complaints(one, known))).toEqual([]);
  const names = tests.map(({ name }) => name.split(" ")[0]);
  for (const { alert } of rulesOf("prometheus/alerts.yml")) expect(names).toContain(alert);
});

const dashboardFile = z.object({
  uid: z.string().min(1),
  schemaVersion: z.int(),
  templating: z.object({
    list: z.array(
      z.object({ type: z.string(), name: z.string(), query: z.union([z.string(), z.object({ query: z.string() })]) }),
    ),
  }),
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string().min(1),
      datasource: z.object({ type: z.literal("prometheus"), uid: z.literal("${datasource}") }),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).min(1),
    }),
  ),
});
const dashboard = dashboardFile.parse(JSON.parse(text("grafana/dashboard.json")));
const shown = dashboard.panels.flatMap(({ targets }) => targets);
const rated = (expression: string): string => expression.replaceAll("$__rate_interval", "5m");
test("the dashboard reads what the engine tells, all of it", async () => {
  const known = await knownAfterRecording();
  expect(shown.flatMap(({ expr }) => complaints(rated(expr), known))).toEqual([]);
  const all = new Set(
    shown.flatMap(({ expr }) => readingsOf(rated(expr)).selectors.map(({ metric }) => metric.replace(/_bucket$/, ""))),
  );
  const every = [...(await told()).keys()].map((name) => name.replace(/_(bucket|sum|count)$/, ""));
  expect([...all].toSorted()).toEqual([...new Set(every)].toSorted());
});

test("the dashboard is drawn from variables that it has, and no panel lies on another", async () => {
  const known = await told();
  const { list } = dashboard.templating;
  const names = list.map(({ name }) => name);
  expect(list[0]).toMatchObject({ type: "datasource", name: "datasource", query: "prometheus" });
  const used = [...text("grafana/dashboard.json").matchAll(/\$\{?([a-z]+)/g)].map(([, name]) => String(name));
  expect([...new Set(used)].toSorted()).toEqual(names.toSorted());
  for (const { query } of list.slice(1)) {
    const [, from = "", label = ""] =
      /^label_values\((.*), (\w+)\)$/.exec(typeof query === "string" ? query : query.query) ?? [];
    expect(complaints(`sum by (${label}) (${from})`, known)).toEqual([]);
  }
  const places = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)}:${y + Math.floor(at / w)}`),
  );
  expect(new Set(places).size).toBe(places.length);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});

const adapterFile = z.object({
  externalRules: z.tuple([
    z.object({
      seriesQuery: z.string(),
      resources: z.object({ overrides: z.record(z.string(), z.object({ resource: z.literal("namespace") })) }),
      name: z.object({ as: z.string() }),
      metricsQuery: z.string(),
    }),
  ]),
});
const scalerFile = z.object({
  spec: z.object({ metrics: z.tuple([z.object({ external: z.object({ metric: z.object({ name: z.string() }) }) })]) }),
});

test("the autoscaler asks for the number that the adapter makes of what the engine tells", async () => {
  const known = await told();
  const [rule] = adapterFile.parse(yaml("prometheus/adapter.yml")).externalRules;
  const [metric] = scalerFile.parse(yaml("kubernetes/autoscale.yaml")).spec.metrics;
  expect(rule.name.as).toBe(metric.external.metric.name);
  const [, series = ""] = /__name__="(\w+)"/.exec(rule.seriesQuery) ?? [];
  const matchers = Object.keys(rule.resources.overrides).map((label) => `${label}="shop"`);
  for (const more of [[], ['type="email"']]) {
    const asked = rule.metricsQuery
      .replaceAll("<<.Series>>", series)
      .replaceAll("<<.LabelMatchers>>", [...matchers, ...more].join(","));
    expect(complaints(asked, known)).toEqual([]);
  }
});

test("no text names a metric that there is not", async () => {
  const known = await knownAfterRecording();
  const names = [...known.keys()].flatMap((name) => [name, name.replace(/_bucket$/, "")]);
  const there = new Set([
    ...names,
    "engine_queue_depth",
    ...recordings.flatMap(({ record = "" }) => record.split(":")),
  ]);
  const texts = paths().filter((path) => path.startsWith(`${folder}/`) && !path.endsWith(".ts"));
  expect(texts.length).toBeGreaterThan(8);
  for (const path of texts)
    for (const [word] of read(path).matchAll(/(?<!\w)engine_[a-z_]+/g))
      expect(there, `${path} says ${word}`).toContain(word);
});
