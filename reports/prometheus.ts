/**
 * The run's figures as Prometheus text, for those who push them to a gateway and watch them from release to release.
 */
import type { Figure, Percentiles } from "../measures/contract.ts";
import type { Reporter, Result } from "./contract.ts";
import { legible } from "./markup.ts";
import { nsPerSecond } from "./life.ts";
import { isAtLeast } from "./percentiles.ts";
import { bites, exposed, latencies, paceOf, perIncident } from "./reading.ts";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const prometheus: Reporter = {
  file: "metrics.prom",
  about: "verdicts, latencies and recoveries as Prometheus text, to be pushed to a gateway",
  render(result) {
    const { scenario, system } = result.run;
    const shared = { scenario: scenario.name, system: system.name, profile: system.profile };
    return families(result)
      .filter(({ samples }) => samples.length > 0)
      .map(({ name, help, samples }) =>
        [
          `# HELP whitewater_${name} ${help}`,
          `# TYPE whitewater_${name} gauge`,
          ...samples.map(([labels, value]) => `whitewater_${name}{${written({ ...shared, ...labels })}} ${value}`),
          "",
        ].join("\n"),
      )
      .join("");
  },
};

const written = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");

const escaped = (text: string): string =>
  legible(text)
    .replaceAll("\\", String.raw`\\`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll('"', String.raw`\"`);

const msPerSecond = 1000;

const quantileOf = { p50: "0.5", p90: "0.9", p99: "0.99", p999: "0.999", p9999: "0.9999", max: "1" } as const;
const quantileNames = ["p50", "p90", "p99", "p999", "p9999", "max"] as const;

const quantiles = (result: Result, value: (summary: Percentiles, figure: Figure) => number): readonly Sample[] =>
  latencies(result).flatMap(({ name, measured: { summary } }): readonly Sample[] =>
    summary === undefined
      ? []
      : quantileNames.map((figure) => [{ measure: name, quantile: quantileOf[figure] }, value(summary, figure)]),
  );

function throughput(result: Result): readonly Family[] {
  const pace = paceOf(result);
  if (pace === undefined) return [];
  return [
    {
      name: "done_jobs_per_second",
      help: "Jobs done in each second of the load: the mean of them, and the best second of the run.",
      samples: [
        [{ of: "mean" }, pace.perSecond],
        [{ of: "best" }, pace.best],
      ],
    },
    { name: "done_after_load_jobs", help: "Jobs done when the load was over.", samples: [[{}, pace.afterwards]] },
  ];
}

// long: a table, one entry for each family
function families(result: Result): readonly Family[] {
  const { guarantees, jobs, phases, run } = result;
  const { bit, of } = bites(result);
  return [
    {
      name: "verdict",
      help: "1 for the verdict of the run, 0 for the others.",
      samples: (["pass", "fail", "unknown"] as const).map((verdict) => [
        { verdict },
        result.verdict === verdict ? 1 : 0,
      ]),
    },
    { name: "run_seconds", help: "Length of the run.", samples: [[{ seed: run.seed }, run.seconds]] },
    {
      name: "load_seconds",
      help: "Length of its load.",
      samples: [[{}, (phases.loadTo - phases.loadFrom) / nsPerSecond]],
    },
    {
      name: "jobs",
      help: "Jobs of the run by what became of them; the states overlap.",
      samples: Object.entries(jobs).map(([state, count]) => [{ state }, count]),
    },
    {
      name: "faults",
      help: "Faults that were planned, and those that were proven to bite.",
      samples: [
        [{ state: "planned" }, of],
        [{ state: "bit" }, bit],
      ],
    },
    {
      name: "guarantee",
      help: "1 for each guarantee, with its verdict and whether the system claims it.",
      samples: guarantees.map(({ name, verdict, claimed }) => [
        { guarantee: name, verdict, claimed: String(claimed) },
        1,
      ]),
    },
    {
      name: "guarantee_exposed_jobs",
      help: "Jobs for which the guarantee could have been broken.",
      samples: guarantees.flatMap((guarantee): readonly Sample[] => {
        const count = exposed(guarantee);
        return count === undefined ? [] : [[{ guarantee: guarantee.name }, count]];
      }),
    },
    {
      name: "guarantee_violations",
      help: "Times that the guarantee was broken.",
      samples: guarantees.flatMap((guarantee): readonly Sample[] =>
        guarantee.verdict === "fail"
          ? [[{ guarantee: guarantee.name }, guarantee.violations]]
          : guarantee.verdict === "pass"
            ? [[{ guarantee: guarantee.name }, 0]]
            : [],
      ),
    },
    {
      name: "latency_seconds",
      help:
        "Latency from the intended time, by quantile; 1 is the longest. " +
        "Where latency_at_least is 1, it is that at least.",
      samples: quantiles(result, (summary, figure) => summary[figure] / msPerSecond),
    },
    {
      name: "latency_at_least",
      help:
        "1 for each quantile of latency_seconds that could be larger, since some were never over; " +
        "0 for the others.",
      samples: quantiles(result, (summary, figure) => (isAtLeast(summary, figure) ? 1 : 0)),
    },
    {
      name: "latency_censored_jobs",
      help: "Those in latency_seconds that were never over, and count with their age at the end.",
      samples: latencies(result).flatMap(({ name, measured: { summary } }): readonly Sample[] =>
        summary === undefined ? [] : [[{ measure: name }, summary.censored]],
      ),
    },
    ...throughput(result),
    {
      name: "recovery_seconds",
      help: "Until the last job that a fault had caught went on; at least that where recovery_open_jobs is not 0.",
      samples: perIncident(result).flatMap(({ measured: { rows } }) =>
        rows.flatMap(({ incident, fault, last }): readonly Sample[] =>
          last === null ? [] : [[{ fault, incident }, last / msPerSecond]],
        ),
      ),
    },
    {
      name: "recovery_open_jobs",
      help: "Jobs that a fault had caught and that had not gone on at the end.",
      samples: perIncident(result).flatMap(({ measured: { rows } }) =>
        rows.flatMap(({ incident, fault, last, open }): readonly Sample[] =>
          last === null ? [] : [[{ fault, incident }, open]],
        ),
      ),
    },
  ];
}
