/** Systems that are broken on purpose: each must be failed by the check that it names, or the check proves nothing. */
export const mutants = {
  "ack-before-processing": () => import("./ack-before-processing.ts"),
  "no-reclaim": () => import("./no-reclaim.ts"),
};
