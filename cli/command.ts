/** What a command is, and how its options are read: every mistake is named together with what would be right. */
import { parseArgs, styleText } from "node:util";
import { jobsMost } from "../scenarios/schema.ts";
import { messageOf, UserError } from "../std/user-error.ts";

export interface Option {
  readonly about: string;
  /** Shown in the help for what stands behind it; an option without one is a switch. */
  readonly value?: string;
  /** It may be given more than once. */
  readonly many?: true;
}

export interface Command {
  readonly about: string;
  /** What stands behind the command's name, such as `<scenario>`. */
  readonly operand?: { readonly name: string; readonly about: string; readonly many?: true };
  readonly options: Readonly<Record<string, Option>>;
  /** Further lines of the help, once the catalogues are known. */
  readonly epilogue?: (words: Words) => Promise<string>;
  /** Resolves to the exit code. */
  run(words: Words): Promise<number>;
}

export interface Words {
  readonly operand: string | undefined;
  /** All of them, where there may be many. */
  readonly operands: readonly string[];
  text(option: string): string | undefined;
  /** Of an option that may be given more than once. */
  all(option: string): readonly string[];
  has(option: string): boolean;
}

/** @throws UserError for a word that the command does not know */
export function readWords(name: string, command: Command, args: readonly string[]): Words {
  try {
    const options = Object.fromEntries(
      Object.entries(command.options).map(([option, { value, many }]) => [
        option,
        { type: value === undefined ? "boolean" : "string", multiple: many === true } as const,
      ]),
    );
    const { values, positionals } = parseArgs({
      args: withValues(args, command),
      // Of the set-up, which was before us.
      options: { ...options, help: { type: "boolean", short: "h" }, "no-install": { type: "boolean" } },
      allowPositionals: true,
    });
    const allowed = command.operand === undefined ? 0 : command.operand.many === true ? Infinity : 1;
    if (positionals.length > allowed) throw new UserError(`unexpected "${positionals[allowed]}"`);
    const given: Readonly<Record<string, unknown>> = values;
    return {
      operand: positionals[0],
      operands: positionals,
      text: (option) => (typeof given[option] === "string" ? given[option] : undefined),
      all: (option) => [given[option] ?? []].flat().map(String),
      has: (option) => given[option] === true,
    };
  } catch (thrown) {
    throw new UserError(`${messageOf(thrown).split(". ")[0]}: see \`whitewater ${name} --help\``);
  }
}

/** A value may begin with a dash, as a negative number does: it is the option's to say what is wrong with it. */
function withValues(args: readonly string[], { options }: Command): string[] {
  const takesValue = (word: string | undefined): boolean =>
    word?.startsWith("--") === true && options[word.slice(2)]?.value !== undefined;
  return args.flatMap((word, index) => {
    if (takesValue(args[index - 1]) && /^-\d/.test(word)) return [];
    return takesValue(word) && /^-\d/.test(args[index + 1] ?? "") ? [`${word}=${args[index + 1]}`] : [word];
  });
}

/** As it stands in a usage line, with a blank before it. */
export function operandOf({ operand }: Command): string {
  if (operand === undefined) return "";
  return operand.many === true ? ` [${operand.name}...]` : ` <${operand.name}>`;
}

export async function help(name: string, command: Command): Promise<string> {
  const operand = operandOf(command);
  const rows = Object.entries(command.options).map(
    ([option, { about, value }]) => [`--${option}${value === undefined ? "" : ` ${value}`}`, about] as const,
  );
  const width = Math.max(...rows.map(([head]) => head.length), 6) + 2;
  const epilogue = await command.epilogue?.(readWords(name, command, []));
  return [
    command.about,
    "",
    `${styleText("bold", "Usage:")} whitewater ${name}${operand} [options]`,
    ...(command.operand === undefined ? [] : ["", ` ${operand}`.padEnd(width + 2) + command.operand.about]),
    "",
    styleText("bold", "Options:"),
    ...[...rows, ["--help", "this text"] as const].map(([head, about]) => `  ${head.padEnd(width)}${about}`),
    ...(epilogue === undefined ? [] : ["", epilogue]),
    "",
  ].join("\n");
}

/** By option: nobody means more, and what is made of it has to fit. */
const mosts: Readonly<Record<string, number>> = {
  jobs: jobsMost,
  seeds: 10_000,
  rounds: 10_000,
  parallel: 256,
};

/** A whole number of at least `least`, with k or M behind it if one likes: 200k, 10M. @throws UserError */
export function wholeNumber(option: string, text: string, least: number): number {
  const [, digits, unit] = /^([0-9]+(?:\.[0-9]+)?)([kM]?)$/.exec(text) ?? [];
  const value = Number(digits ?? Number.NaN) * (unit === "M" ? 1e6 : unit === "k" ? 1e3 : 1);
  const most = mosts[option] ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || value < least)
    throw new UserError(
      `--${option} takes a whole number from ${least}, such as ${Math.max(least, 200)} or 10M, not "${text}"`,
    );
  if (value > most) throw new UserError(`--${option} takes at most ${most.toLocaleString("en-US")}, not "${text}"`);
  return value;
}
