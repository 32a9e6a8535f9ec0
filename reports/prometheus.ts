/** The run's figures as Prometheus text, for those who push them to a gateway and watch them from release to release. */
import type { Reporter, Result } from "./contract.ts";
import { legible } from "./markup.ts";
import { nsPerSecond } from "./life.ts";
import { bites, exposed, latencies, perIncident } from "./reading.ts";

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
      help: "Latency from the intended time, by quantile; 1 is the longest.",
      samples: latencies(result).flatMap(({ name, measured: { summary } }): readonly Sample[] =>
        summary === undefined
          ? []
          : (
              [
                ["0.5", summary.p50],
                ["0.9", summary.p90],
                ["0.99", summary.p99],
                ["0.999", summary.p999],
                ["0.9999", summary.p9999],
                ["1", summary.max],
              ] as const
            ).map(([quantile, ms]) => [{ measure: name, quantile }, ms / msPerSecond]),
      ),
    },
    {
      name: "recovery_seconds",
      help: "Until the last job that a fault had caught went on.",
      samples: perIncident(result).flatMap(({ measured: { rows } }) =>
        rows.flatMap(({ incident, fault, last }): readonly Sample[] =>
          last === null ? [] : [[{ fault, incident }, last / msPerSecond]],
        ),
      ),
    },
  ];
}
