/**
 * `npm run model -- [--histories N] [--seed TEXT]`: the property test at any size, with a table in the end; 1 where a
 * check was wrong. `--case SEED [--bug WORDS]` repeats one history, and tells all that is on record of it.
 */
import { parseArgs } from "node:util";
import { monotonic } from "../../std/clock.ts";
import { aligned } from "../../std/table.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { bugs } from "./bugs/index.ts";
import { brokenCase, cleanCase } from "./case.ts";
import { resultOf, tableOf } from "./result.ts";
import { countedIn, portionsOf, type Wrong } from "./study.ts";
import { tell } from "./tell.ts";
import { studyAll } from "./threads.ts";

function choice(): {
  readonly histories: number;
  readonly seed: string;
  readonly one: string | undefined;
  readonly bug: string | undefined;
} {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({ options: { histories: text, seed: text, case: text, bug: text } });
    const histories = Number(values.histories ?? 10_000);
    if (!Number.isSafeInteger(histories) || histories < 1)
      throw new UserError(`--histories must be an integer of at least 1, got ${values.histories}`);
    return { histories, seed: values.seed ?? "ci", one: values.case, bug: values.bug };
  } catch (thrown) {
    throw new UserError(messageOf(thrown));
  }
}

async function main(): Promise<void> {
  const { histories, seed, one, bug } = choice();
  if (one !== undefined) repeat(one, bug);
  else await all(histories, seed);
}

function repeat(seed: string, what: string | undefined): void {
  const bug = bugs.find((known) => known.what === what);
  if (what !== undefined && bug === undefined) throw new UserError(`there is no bug "${what}"`);
  const made = bug === undefined ? cleanCase(seed) : brokenCase(seed, bug);
  if (made === undefined) throw new UserError(`with ${seed} there is nothing to be broken so`);
  for (const line of tell(made)) console.log(line);
}

const progressMs = 5000;

async function all(histories: number, seed: string): Promise<void> {
  const result = resultOf();
  const fromNs = monotonic.nowNs();
  const seconds = (): number => (monotonic.nowNs() - fromNs) / 1e9;
  let saidAt = 0;
  await studyAll(portionsOf(histories, seed), (portion, tally) => {
    result.add(portion, tally);
    for (const wrong of tally.wrong) console.error(lineOf(wrong));
    if (seconds() - saidAt < progressMs / 1000) return;
    saidAt = seconds();
    const done = countedIn(result.all());
    const left = (saidAt * (histories - done)) / Math.max(1, done);
    console.error(`${done} of ${histories} after ${saidAt.toFixed(0)} s, about ${left.toFixed(0)} s left`);
  });
  const { wrong } = result.all();
  for (const row of aligned(tableOf(result))) console.log(row);
  for (const one of wrong) console.log(lineOf(one));
  console.log(
    `seed ${seed}: ${wrong.length} of ${countedIn(result.all())} histories were judged wrongly (${seconds().toFixed(0)} s).`,
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

const lineOf = ({ seed, bug, what }: Wrong): string =>
  `wrong: ${what}\n  npm run model -- --case ${seed}${bug === undefined ? "" : ` --bug "${bug}"`}`;

main().catch((thrown: unknown) => {
  if (thrown instanceof UserError) {
    console.error(thrown.message);
    process.exitCode = 3;
  } else {
    console.error(thrown);
    process.exitCode = 2;
  }
});
