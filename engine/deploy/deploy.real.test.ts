/**
 * Prometheus' own tool on the rules, their tests and the dashboard, and Kubernetes' on the manifests, where they are
 * there.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { promtool, untested } from "../testing/promtool.ts";

const here = import.meta.dirname;
const isThere = (tool: string, word: string): boolean => spawnSync(tool, [word]).error === undefined;
const unbuilt = isThere("kubectl", "help") ? "" : ", not tested here: there is no kubectl";

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

function run(tool: string, args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(tool, args, { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

/** A folder like `prometheus`, in which files may be replaced. */
function copied(): Disposable & { readonly path: string; write(file: string, value: unknown): string } {
  const directory = mkdtempDisposableSync(join(tmpdir(), "whitewater-test-"));
  cpSync(join(here, "prometheus"), directory.path, { recursive: true });
  return {
    path: directory.path,
    write(file, value) {
      writeFileSync(join(directory.path, file), stringify(value));
      return join(directory.path, file);
    },
    [Symbol.dispose]: () => directory.remove(),
  };
}

const read = (file: string): unknown => parse(readFileSync(join(here, file), "utf8"));
const tested = (path: string): Ended => run(promtool, ["test", "rules", join(path, "rules.test.yml")]);

const alertsFile = z.object({
  groups: z.tuple([z.looseObject({ rules: z.array(z.looseObject({ alert: z.string(), expr: z.string() })) })]),
});
const alerts = alertsFile.parse(read("prometheus/alerts.yml"));
const names = alerts.groups[0].rules.map(({ alert }) => alert);

test.skipIf(untested !== "")(`promtool takes the rules, and their tests hold${untested}`, () => {
  const files = ["recording.yml", "alerts.yml"].map((file) => join(here, "prometheus", file));
  const { status, output } = run(promtool, ["check", "rules", ...files]);
  expect(output).toContain("8 rules found");
  expect(status, output).toBe(0);
  expect(tested(join(here, "prometheus"))).toMatchObject({ status: 0, output: expect.stringContaining("SUCCESS") });
});

test.skipIf(untested !== "").for(names)(
  `the rules' tests notice if %s never fires, or always does${untested}`,
  (name) => {
    for (const expr of ["vector(0) > 1", 'label_replace(vector(1), "namespace", "shop", "", "")']) {
      using folder = copied();
      const [group] = alerts.groups;
      const rules = group.rules.map((rule) => (rule.alert === name ? { ...rule, expr } : rule));
      folder.write("alerts.yml", { groups: [{ ...group, rules }] });
      const { status, output } = tested(folder.path);
      expect(output).toContain("FAILED");
      expect(output).toContain(name);
      expect(status).toBe(1);
    }
  },
);

test.skipIf(untested !== "")(`the rules' tests notice if a queue is counted once for each process${untested}`, () => {
  using folder = copied();
  const text = readFileSync(join(here, "prometheus", "recording.yml"), "utf8");
  folder.write(
    "recording.yml",
    parse(text.replace("max by (namespace, type, state)", "sum by (namespace, type, state)")),
  );
  expect(tested(folder.path)).toMatchObject({ status: 1, output: expect.stringContaining("8E+01") });
});

test.skipIf(untested !== "")(`promtool takes the way in which Prometheus finds the processes${untested}`, () => {
  using folder = copied();
  const scraping = z.object({ scrape_configs: z.tuple([z.looseObject({})]) }).loose();
  const {
    scrape_configs: [config],
    ...rest
  } = scraping.parse(read("prometheus/scrape.yml"));
  expect(config).toHaveProperty("kubernetes_sd_configs", [{ role: "pod" }]);
  // Debian's is built without Kubernetes.
  const { kubernetes_sd_configs: _, ...known } = config;
  const judge = (one: object): Ended => {
    const file = folder.write("scrape.yml", { ...rest, scrape_configs: [{ ...one, static_configs: [] }] });
    return run(promtool, ["check", "config", "--syntax-only", file]);
  };
  expect(judge(known)).toMatchObject({ status: 0 });
  expect(judge({ ...known, scrape_intervall: "15s" }), "it does find what is wrong").toMatchObject({ status: 1 });
});

const dashboardFile = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
});

test.skipIf(untested !== "")(`promtool takes what the dashboard and the adapter ask${untested}`, () => {
  using folder = copied();
  const { panels } = dashboardFile.parse(read("grafana/dashboard.json"));
  const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll("$__rate_interval", "5m")));
  const adapter = z.object({ externalRules: z.tuple([z.object({ metricsQuery: z.string() })]) });
  const { metricsQuery } = adapter.parse(read("prometheus/adapter.yml")).externalRules[0];
  asked.push(metricsQuery.replace("<<.Series>>", "engine_jobs").replace("<<.LabelMatchers>>", 'namespace="shop"'));
  const rules = asked.map((expr, index) => ({ record: `asked:${index}`, expr }));
  const file = folder.write("asked.yml", { groups: [{ name: "asked", rules }] });
  const { status, output } = run(promtool, ["check", "rules", file]);
  expect(output).toContain(`${asked.length} rules found`);
  expect(status, output).toBe(0);
});

test.skipIf(unbuilt !== "")(
  `kubectl puts the manifests together, with the image and the settings of the place${unbuilt}`,
  () => {
    const { status, output } = run("kubectl", ["kustomize", join(here, "kubernetes")]);
    expect(status, output).toBe(0);
    expect(output.match(/^kind: \w+$/gm)).toHaveLength(7);
    expect(output.match(/image: registry.example.org\/shop\/jobs:1$/gm)).toHaveLength(2);
    expect(output).not.toContain("image: engine-jobs");
    const [settings] = /^ {2}name: engine-\w{10}$/m.exec(output) ?? [];
    expect(settings).toBeDefined();
    expect(output.split(`${settings?.trim()}\n`)).toHaveLength(4);
  },
);
