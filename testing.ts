/**
 * What one tests members of one's own with, in any test runner: a check by histories that are written down, a system by
 * the contract that all systems keep, a fault by one cycle on real levers. What is wrong is an Error that says so.
 */
export {
  history,
  type FoundDead,
  type History,
  type ScriptedFault,
  type ScriptedProcess,
} from "./history/testing/history.ts";
export { systemContract, type Case, type ContractTerms, type Skipping } from "./systems/testing/contract.ts";
export { faultCycle, type Cycle, type CycleTerms } from "./chaos/testing/cycle.ts";
