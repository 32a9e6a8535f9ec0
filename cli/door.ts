/** Finds the command that was asked for, prints its help or runs it, and ends the process with its exit code. */
import { styleText } from "node:util";
import { nextTurn } from "../std/turn.ts";
import { versionOf } from "../catalogues/configuration.ts";
import { UserError } from "../std/user-error.ts";
import { help, operandOf, readWords, type Command } from "./command.ts";
import { complain, leave } from "./ending.ts";
import { exitCodes } from "./exit-codes.ts";

type Commands = Readonly<Record<string, Command>>;

function overview(commands: Commands): string {
  const rows = Object.entries(commands).map(([name, command]) => [`${name}${operandOf(command)}`, command] as const);
  const width = Math.max(...rows.map(([head]) => head.length)) + 2;
  return [
    "Whitewater drives a job queue through load and faults, keeps its own record of every job,",
    "and says from that record alone whether the queue kept its promises, and how fast it was.",
    "",
    `${styleText("bold", "Usage:")} whitewater <command> [options]`,
    "",
    styleText("bold", "Commands:"),
    ...rows.map(([head, { about }]) => `  ${head.padEnd(width)}${about.split(". ")[0]}`),
    "",
    `${styleText("bold", "Try:")}  whitewater run day          the main job, on the reference engine, in two minutes`,
    "      whitewater list             scenarios, systems, faults and guarantees",
    "      whitewater run --help       what a run can be told",
    "      whitewater --version        of Whitewater, and of the Node that runs it",
    "",
    "Exit codes: 0 all promises held, 1 one was broken, 2 nobody can know, 3 usage or environment.",
    "",
  ].join("\n");
}

async function obey([name, ...args]: readonly string[], commands: Commands): Promise<number> {
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(overview(commands));
    return name === undefined ? exitCodes.usage : exitCodes.pass;
  }
  if (name === "version" || name === "--version" || name === "-v") {
    console.log(`whitewater ${versionOf("whitewater", import.meta.filename)}, Node ${process.versions.node}`);
    return exitCodes.pass;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new UserError(`no command is called "${name}"; there are: ${Object.keys(commands).join(", ")}`);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(await help(name, command));
    return exitCodes.pass;
  }
  return command.run(readWords(name, command, args));
}

/** Returns only by the end of the process. */
export async function enter(words: readonly string[], commands: Commands): Promise<never> {
  const code = await obey(words, commands).catch(complain);
  await nextTurn(); // in which is heard what could not be written
  return leave(code);
}
