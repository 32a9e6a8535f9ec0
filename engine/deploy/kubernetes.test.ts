/** The manifests and the image against Kubernetes' schemas, and their numbers against those of the engine. */
import { validate as isService } from "kubernetes-models/_schemas/IoK8sApiCoreV1Service";
import { validate as isDeployment } from "kubernetes-models/_schemas/IoK8sApiAppsV1Deployment";
import { validate as isAutoscaler } from "kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler";
import { validate as isBudget } from "kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { paths, read } from "../testing/tree.ts";

const folder = "deploy";
const text = (path: string): string => read(`${folder}/${path}`);

const validators: Readonly<Record<string, (manifest: unknown) => boolean>> = {
  "v1 Service": isService,
  "apps/v1 Deployment": isDeployment,
  "autoscaling/v2 HorizontalPodAutoscaler": isAutoscaler,
  "policy/v1 PodDisruptionBudget": isBudget,
};

/**
 * Reads as the value does, and takes off the list what is read: what nobody reads while it is validated, no schema
 * knows.
 */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const fields = new Map(
    Object.entries(value).map(([name, field]) => [name, watched(field, `${path}/${name}`, unread)]),
  );
  for (const name of fields.keys()) unread.add(`${path}/${name}`);
  return new Proxy(value, {
    get(target, name, receiver): unknown {
      if (typeof name === "symbol" || !fields.has(name)) return Reflect.get(target, name, receiver);
      unread.delete(`${path}/${name}`);
      return fields.get(name);
    },
  });
}

function complaints(manifest: unknown): string[] {
  const { apiVersion, kind } = z.object({ apiVersion: z.string(), kind: z.string() }).parse(manifest);
  const validate = validators[`${apiVersion} ${kind}`];
  if (validate === undefined) return [`there is no schema for ${apiVersion} ${kind}`];
  const unread = new Set<string>();
  if (!validate(watched(manifest, "", unread)))
    return z
      .array(z.object({ instancePath: z.string(), message: z.string().optional(), params: z.unknown() }))
      .parse("errors" in validate ? validate.errors : [])
      .map(({ instancePath, params }) => `${instancePath} is wrong: ${JSON.stringify(params)}`);
  // Within what is unknown nothing was read either.
  const paths = [...unread].filter((path) => !unread.has(path.slice(0, path.lastIndexOf("/"))));
  return paths.map((path) => `${path} is in no schema`);
}

const files = ["serve.yaml", "work.yaml", "autoscale.yaml"];
const manifestsIn = (file: string): unknown[] =>
  parseAllDocuments(text(`kubernetes/${file}`)).map((document): unknown => document.toJS());
const manifests = files.flatMap(manifestsIn);

test("every manifest is as Kubernetes' schemas have it, and says nothing that they do not know", () => {
  expect(manifests).toHaveLength(6);
  expect(manifests.flatMap(complaints)).toEqual([]);
});

test.each([
  [
    "a field that there is not",
    "terminationGracePeriodSeconds",
    "gracePeriod",
    "/spec/template/spec/gracePeriod is in no schema",
  ],
  ["one deeper down", "runAsNonRoot", "notAsRoot", "/spec/template/spec/securityContext/notAsRoot is in no schema"],
  ["one in a list", "httpGet", "get", "/spec/template/spec/containers/0/startupProbe/get is in no schema"],
  [
    "a text for a number",
    "periodSeconds: 1\n",
    "periodSeconds: often\n",
    'startupProbe/periodSeconds is wrong: {"type":"integer"}',
  ],
  ["a kind that there is not", "kind: Deployment", "kind: Deploy", "there is no schema for apps/v1 Deploy"],
  [
    "a lack",
    "selector:\n    matchLabels: { app.kubernetes.io/name: engine-work }\n  template",
    "template",
    '"missingProperty":"selector"',
  ],
])("finds %s", (_what, right, wrong, complaint) => {
  const work = text("kubernetes/work.yaml");
  expect(work).toContain(right);
  const [broken] = parseAllDocuments(work.replace(right, wrong)).map((document): unknown => document.toJS());
  expect(complaints(broken)).toContainEqual(expect.stringContaining(complaint));
});

const kustomization = z
  .object({
    resources: z.array(z.string()),
    images: z.tuple([z.object({ name: z.string() })]),
    configMapGenerator: z.tuple([z.object({ name: z.string() })]),
  })
  .parse(parse(text("kubernetes/kustomization.yaml")));

test("the kustomization has all of them", () => {
  expect(kustomization.resources).toEqual(files);
  const there = paths().filter((path) => path.startsWith(`${folder}/kubernetes/`));
  expect(there).toHaveLength(files.length + 1);
});

const labels = z.record(z.string(), z.string());
const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.literal("http") }),
  periodSeconds: z.int(),
  timeoutSeconds: z.int().default(1),
  failureThreshold: z.int(),
});
const named = z.object({ name: z.string() });
const deployment = z.object({
  metadata: named,
  spec: z.object({
    replicas: z.int().optional(),
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        terminationGracePeriodSeconds: z.int(),
        securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.int() }),
        containers: z.tuple([
          z.object({
            image: z.string(),
            args: z.array(z.string()),
            ports: z.tuple([z.object({ name: z.literal("http"), containerPort: z.int() })]),
            envFrom: z.tuple([z.object({ configMapRef: named })]),
            env: z.array(
              z.object({ name: z.string(), valueFrom: z.object({ secretKeyRef: z.object({ name: z.string() }) }) }),
            ),
            lifecycle: z
              .object({ preStop: z.object({ exec: z.object({ command: z.tuple([z.literal("sleep"), z.string()]) }) }) })
              .optional(),
            startupProbe: probe,
            livenessProbe: probe,
            readinessProbe: probe,
            resources: z.object({ limits: z.strictObject({ memory: z.string() }) }),
            securityContext: z.object({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
            }),
          }),
        ]),
      }),
    }),
  }),
});
const [serve, service, serveBudget] = manifestsIn("serve.yaml");
const [work, workBudget] = manifestsIn("work.yaml");
const [scaler] = manifestsIn("autoscale.yaml");
const podOf = (manifest: unknown) => {
  const { metadata, spec } = deployment.parse(manifest);
  const { containers, terminationGracePeriodSeconds, securityContext } = spec.template.spec;
  const { labels } = spec.template.metadata;
  return {
    ...spec,
    ...containers[0],
    labels,
    terminationGracePeriodSeconds,
    user: securityContext.runAsUser,
    name: metadata.name,
  };
};
const serving = podOf(serve);
const working = podOf(work);

/** A number of the engine that it does not export, from its source. */
function ofSource(path: string, expression: RegExp): number {
  const found = expression.exec(read(path))?.[1];
  if (found === undefined) throw new Error(`${path} has no ${expression}: say here where it went`);
  return Number(found.replaceAll("_", ""));
}

const graceMs = ofSource("worker/options.ts", /graceMs: or\(([\d_]+)/);
const lastWordsMs = ofSource("worker/leaving.ts", /lastWordsMs = ([\d_]+)/);
const readyMs = ofSource("redis/asking.ts", /readyMs = ([\d_]+)/);
const enqueueMs = ofSource("service/jobs.ts", /deadlineMs = ([\d_]+)/);
const leaseMs = ofSource("job-type.ts", /leaseMs: or\(([\d_]+)/);

test("whoever is asked to stop has the time for it", () => {
  // After the grace: handlers that give way, and then the leave.
  expect(working.terminationGracePeriodSeconds * 1000).toBeGreaterThan(graceMs + 2 * lastWordsMs);
  const preStop = serving.lifecycle?.preStop.exec.command[1];
  expect(serving.terminationGracePeriodSeconds * 1000).toBeGreaterThan(Number(preStop) * 1000 + enqueueMs + readyMs);
});

test("probes ask what there is, and are more patient than the engine", () => {
  for (const { startupProbe, livenessProbe, readinessProbe } of [serving, working]) {
    expect(startupProbe.httpGet.path).toBe("/healthz");
    expect(livenessProbe.httpGet.path).toBe("/healthz");
    expect(readinessProbe.httpGet.path).toBe("/readyz");
    // Who has no broker says so after that; to say it is better than not to answer.
    expect(readinessProbe.timeoutSeconds * 1000).toBeGreaterThan(readyMs);
    expect(readinessProbe.timeoutSeconds).toBeLessThanOrEqual(readinessProbe.periodSeconds);
  }
  const patienceOf = ({ periodSeconds, failureThreshold }: z.infer<typeof probe>): number =>
    periodSeconds * failureThreshold * 1000;
  expect(patienceOf(serving.readinessProbe)).toBeGreaterThan(enqueueMs);
  expect(patienceOf(working.livenessProbe)).toBeGreaterThan(10 * leaseMs);
  const routes = read("service/service.ts");
  for (const path of ["/healthz", "/readyz"]) expect(routes).toContain(`app.get("${path}", { config: { open: true } }`);
});

test("ports are those of the engine, and it is started as it says, with a token", () => {
  const help = read("service/main.ts");
  expect(help).toContain(
    `default: ${serving.ports[0].containerPort} to serve, ${working.ports[0].containerPort} to work`,
  );
  expect(help).toContain(`"${serving.ports[0].containerPort}" : "${working.ports[0].containerPort}"`);
  expect(serving.args).toEqual(["serve", "jobs.ts", "--host", "0.0.0.0"]);
  expect(working.args).toEqual(["work", "jobs.ts", "--host", "0.0.0.0"]);
  const secret = /create secret generic (\S+)/.exec(text("kubernetes/kustomization.yaml"))?.[1];
  for (const { image, env, envFrom } of [serving, working]) {
    expect(image).toBe(kustomization.images[0].name);
    expect(envFrom[0].configMapRef.name).toBe(kustomization.configMapGenerator[0].name);
    expect(env.map(({ name }) => name)).toEqual(["ENGINE_TOKEN", "REDIS_PASSWORD"]);
    for (const { valueFrom } of env) expect(valueFrom.secretKeyRef.name).toBe(secret);
  }
});

test("each finds its pods", () => {
  const selects = z.object({ spec: z.object({ selector: z.object({ matchLabels: labels }) }) });
  for (const [pod, budget] of [
    [serving, serveBudget],
    [working, workBudget],
  ] as const) {
    expect(pod.labels).toMatchObject(pod.selector.matchLabels);
    expect(selects.parse(budget).spec.selector.matchLabels).toEqual(pod.selector.matchLabels);
  }
  expect(service).toMatchObject({
    spec: {
      selector: serving.selector.matchLabels,
      ports: [{ port: serving.ports[0].containerPort, targetPort: "http" }],
    },
  });
  expect(serving.selector.matchLabels).not.toEqual(working.selector.matchLabels);
  // As Prometheus finds them.
  const kept = `${serving.labels["app.kubernetes.io/part-of"]};${serving.ports[0].name}`;
  expect(working.labels["app.kubernetes.io/part-of"]).toBe(serving.labels["app.kubernetes.io/part-of"]);
  expect(text("prometheus/scrape.yml")).toContain(`regex: ${kept}\n`);
});

test("the autoscaler has the workers' number to itself, 2 to 50, one for each 500 jobs", () => {
  expect(working.replicas).toBeUndefined();
  expect(scaler).toMatchObject({
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: working.name },
      minReplicas: 2,
      maxReplicas: 50,
      metrics: [{ external: { target: { type: "AverageValue", averageValue: "500" } } }],
      // A text to the schema, a choice to Kubernetes.
      behavior: { scaleUp: { selectPolicy: "Max" } },
    },
  });
});

test("the image starts the package's command without a shell, on the Node that it needs, and not as root", () => {
  const lines = text("Dockerfile").replaceAll("\\\n", " ").split("\n");
  const last = (word: string): string =>
    lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? "";
  const words = (json: string): string[] => z.array(z.string()).parse(JSON.parse(json));
  const { name, bin } = z
    .object({ name: z.string(), bin: z.object({ engine: z.string() }) })
    .parse(JSON.parse(read("package.json")));
  expect(words(last("ENTRYPOINT"))).toEqual(["tini", "--", "node", `node_modules/${name}/${bin.engine}`]);
  expect(words(last("CMD"))).toEqual(serving.args);
  expect(last("EXPOSE").split(" ").map(Number)).toEqual([serving, working].map(({ ports }) => ports[0].containerPort));
  for (const { user } of [serving, working]) expect(last("USER")).toBe(`${user}:${user}`);
  const needed = ofSource("bin.mjs", /needed = (\d+)/);
  expect(Number(/^node:(\d+)/.exec(last("ARG").replace("NODE=", ""))?.[1])).toBeGreaterThanOrEqual(needed);
});
