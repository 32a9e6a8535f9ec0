/** The last part: all that it takes to run the same again, and to know that this page tells of that run. */
import type { Result, ScheduledFault } from "../contract.ts";
import type { Json } from "../../std/json.ts";
import { isRecord, oneLine, plural } from "../figures.ts";
import { recordText } from "../reading.ts";
import { markup, type Markup } from "../markup.ts";
import { anyValue, pairs, part, table } from "./cells.ts";
import { paths } from "./load.ts";

export function repeat(result: Result): Markup {
  const { run, environment } = result;
  const { machine } = environment;
  return part(
    "repeat",
    "How to repeat it",
    "The same seed gives the same schedule, byte for byte.",
    markup`
<div class="command"><pre><code>${run.repeat}</code></pre><button type="button" data-copy hidden>Copy</button></div>
<h3>What this run had to do without</h3>
${leftOut(result)}
${run.schedule.length > 0 && schedule(run.schedule)}
<div class="columns three">
<div><h3>Versions</h3>${pairs(environment.versions)}</div>
<div><h3>Where each part came from</h3>${pairs(environment.providers)}</div>
<div><h3>Machine</h3>${pairs({
      platform: machine.platform,
      cpu: machine.cpu,
      cpus: machine.cpus,
      memory: `${machine.memoryGiB} GiB`,
      commit: environment.commit,
    })}</div>
<div><h3>Load</h3>${anyValue(run.load)}</div>
<div><h3>Settings of ${run.system.name}, ${run.system.profile}</h3>${anyValue(run.system.settings)}</div>
<div><h3>Store, ${environment.store.profile}</h3>${pairs(environment.store.settings)}
<h3>Paths to the store</h3>${paths(result)}</div>
</div>
<h3>Evidence</h3>
<p class="note">SHA-256 of the files in <code>${run.directory}</code> from which all of this was computed, as they were
when the run was over: <code>record.sha256</code> has them, too. <code>whitewater recheck ${run.directory}</code>
compares them, and judges again.</p>
${ofRecord(result)}
${table(
  [
    { title: "File", cell: ([file]) => file },
    { title: "SHA-256", cell: ([, hash]) => markup`<code>${hash}</code>` },
  ],
  Object.entries(result.evidence),
  "hashes",
)}`,
  );
}

function ofRecord(result: Result): Markup {
  const text = [...result.record.differences, recordText(result) ?? ""].filter((part) => part !== "").join("; ");
  return markup`${text !== "" && markup`<p>Of the record: ${text}.</p>`}`;
}

const schedule = (faults: readonly ScheduledFault[]): Markup =>
  markup`<details class="fold"><summary>Schedule of ${plural(faults.length, "fault")}</summary>${table(
    [
      { title: "at, s", figure: true, cell: ({ atMs }) => (atMs / 1000).toFixed(2) },
      { title: "Fault", cell: ({ id }) => id },
      { title: "Plan", cell: ({ plan }) => oneLine(withoutEmpty(plan)) },
    ],
    faults,
    "schedule",
  )}</details>`;

/** What the machine could not do, whoever started the run did not want, or the system does not take. */
function leftOut({ run }: Result): Markup {
  const { leftOut: faults, untaken = [] } = run;
  const rest = untaken.map((what) => markup`<p>${what}</p>`);
  if (faults.length === 0)
    return rest.length > 0
      ? markup`${rest}`
      : markup`<p>Nothing: every kind of fault that the scenario has was there.</p>`;
  return markup`${table(
    [
      { title: "Fault", cell: ({ fault }) => fault },
      { title: "Why", cell: ({ why }) => why },
    ],
    faults,
    "left-out",
  )}${rest}`;
}

const withoutEmpty = (plan: Json): Json =>
  isRecord(plan)
    ? Object.fromEntries(Object.entries(plan).filter(([, value]) => !(Array.isArray(value) && value.length === 0)))
    : plan;
