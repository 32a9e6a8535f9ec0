/**
 * For the test page of a CI server: a test case per guarantee, and one for the run as a whole, so that a run that is
 * not a pass is never green there. A promise that nobody made cannot fail a build: it is skipped, with how it stood.
 */
import type { Guarantee, Reporter, Result } from "./contract.ts";
import { figure, standing } from "./reading.ts";
import { markup, type Markup } from "./markup.ts";
import { inForce, processName, sinceLoad, told } from "./life.ts";

type Outcome = "passed" | "failure" | "error" | "skipped";

interface Case {
  readonly name: string;
  readonly outcome: Outcome;
  readonly message: string;
  readonly text: string;
}

export const junit: Reporter = {
  file: "junit.xml",
  about: "a test case per guarantee, for the test page of a CI server",
  render(result) {
    const suite = `whitewater.${result.run.scenario.name}.${result.run.system.name}`;
    const cases = [...result.guarantees.map((guarantee) => caseOf(result, guarantee)), whole(result)];
    const counts = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
    const time = result.run.seconds.toFixed(3);
    const broken = markup`failures="${counts("failure")}" errors="${counts("error")}"`;
    const totals = markup`tests="${cases.length}" ${broken} skipped="${counts("skipped")}" time="${time}"`;
    return markup`${{ markup: '<?xml version="1.0" encoding="UTF-8"?>' }}
<testsuites name="whitewater" ${totals}>
  <testsuite name="${suite}" ${totals} timestamp="${result.run.startedAt.replace(/(\.\d+)?Z$/, "")}">
    <properties>
      <property name="seed" value="${result.run.seed}"/>
      <property name="repeat" value="${result.run.repeat}"/>
${Object.entries(result.environment.versions).map(
  ([name, version]) => markup`      <property name="version.${name}" value="${version}"/>\n`,
)}    </properties>
${cases.map((one) => testCase(suite, one))}  </testsuite>
</testsuites>
`.markup;
  },
};

function testCase(suite: string, { name, outcome, message, text }: Case): Markup {
  const opening = markup`<testcase classname="${suite}" name="${name}" time="0"`;
  if (outcome === "passed")
    return markup`    ${opening}>\n      <system-out>${message}</system-out>\n    </testcase>\n`;
  const tag = { markup: outcome };
  if (outcome === "skipped") return markup`    ${opening}>\n      <skipped message="${message}"/>\n    </testcase>\n`;
  const type = outcome === "failure" ? "violated" : "unknown";
  return markup`    ${opening}>
      <${tag} type="${type}" message="${message}">${text}</${tag}>
    </testcase>
`;
}

function caseOf(result: Result, guarantee: Guarantee): Case {
  const { name, about } = guarantee;
  const said = figure(guarantee);
  const known = result.known.find((failure) => failure.guarantee === name);
  if (known !== undefined) return { name, outcome: "skipped", message: `${knownText(known)} (${said})`, text: about };
  switch (standing(guarantee)) {
    case "pass":
      return { name, outcome: "passed", message: said, text: about };
    case "fail":
      return { name, outcome: "failure", message: said, text: `${about}\n\n${lives(result, guarantee)}` };
    case "unknown":
      return { name, outcome: "error", message: said, text: about };
    case "unexposed":
      return { name, outcome: "error", message: "no job was exposed: the run proves nothing about it", text: about };
    case "untried":
      return { name, outcome: "skipped", message: "not tried: nothing in this run could have broken it", text: about };
    case "not-claimed":
      return {
        name,
        outcome: "skipped",
        message: `not claimed; as judged by neutral terms: ${guarantee.verdict}, ${said}`,
        text: about,
      };
    case "not-observable":
      return { name, outcome: "skipped", message: `not observable: ${said}`, text: about };
  }
}

const knownText = ({ reason, until }: Result["known"][number]): string => `broken, and known until ${until}: ${reason}`;

function whole(result: Result): Case {
  const outcome = { pass: "passed", fail: "failure", unknown: "error" } as const;
  const broken = result.guarantees.filter(({ claimed, verdict }) => claimed && verdict === "fail");
  const excused = result.known.length > 0 && result.known.length === broken.length;
  return {
    name: "the run as a whole",
    outcome: excused ? "skipped" : outcome[result.verdict],
    message: result.sentence,
    text: result.reasons.join("\n"),
  };
}

function lives(result: Result, guarantee: Guarantee): string {
  if (guarantee.verdict !== "fail") return "";
  return guarantee.examples
    .map(({ job, what, life }) => {
      const lines = life.map((event) => {
        const faults = inForce(result, event.at, event.incarnation).map(({ id }) => id);
        const during = faults.length === 0 ? "" : `   [${faults.join(", ")}]`;
        const when = `${sinceLoad(result, event.at).toFixed(4)} s  ${processName(result, event.incarnation)}`;
        return `  ${when}: ${told(event)}${during}`;
      });
      return [job === undefined ? what : `job ${job}: ${what}`, ...lines].join("\n");
    })
    .join("\n\n");
}
