/** Every command by its name. */
import type { Command } from "./command.ts";
import { compare } from "./compare.ts";
import { doctor, setup } from "./doctor.ts";
import { list } from "./list.ts";
import { mutants } from "./mutants.ts";
import { proof } from "./proof.ts";
import { recheck } from "./recheck.ts";
import { run } from "./run.ts";

export const commands: Readonly<Record<string, Command>> = {
  run,
  list,
  recheck,
  compare,
  mutants,
  proof,
  doctor,
  setup,
};
