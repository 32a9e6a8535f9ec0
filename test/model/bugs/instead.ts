/** Puts another step in the place of one of the queue's own. */
import type { Steps } from "../steps.ts";

export function instead<Step extends keyof Steps>(
  steps: Steps,
  step: Step,
  other: (usual: Steps[Step]) => Steps[Step],
): void {
  steps[step] = other(steps[step]);
}
