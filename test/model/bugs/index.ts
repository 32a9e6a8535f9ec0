/** All bugs that are planted. One more is an entry in one of these lists. */
import type { Bug } from "./contract.ts";
import { answerBugs } from "./answers.ts";
import { attemptBugs } from "./attempts.ts";
import { latenessBugs } from "./lateness.ts";
import { jobBugs } from "./losses.ts";
import { movementBugs } from "./movement.ts";
import { repeatBugs } from "./repeats.ts";
import { returnBugs } from "./returns.ts";
import { shareBugs } from "./shares.ts";
import { verdictBugs } from "./verdicts.ts";

export const bugs: readonly Bug[] = [
  ...jobBugs,
  ...attemptBugs,
  ...repeatBugs,
  ...verdictBugs,
  ...movementBugs,
  ...latenessBugs,
  ...returnBugs,
  ...shareBugs,
  ...answerBugs,
];
