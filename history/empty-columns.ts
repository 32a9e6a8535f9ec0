/** What is known of each job before anything is. */
import { never, type Columns } from "./ledger.ts";

export const emptyColumns = (jobs: number, prioritised: boolean, repeating: boolean): Columns => ({
  outcome: new Uint8Array(jobs),
  intendedAt: new Uint32Array(jobs).fill(never),
  sentAt: new Uint32Array(jobs).fill(never),
  answeredAt: new Uint32Array(jobs).fill(never),
  starts: new Uint8Array(jobs),
  firstStartAt: new Uint32Array(jobs).fill(never),
  startedBy: new Uint8Array(jobs),
  ends: new Uint8Array(jobs),
  lastEndAt: new Uint32Array(jobs).fill(never),
  failures: new Uint8Array(jobs),
  acceptedDone: new Uint8Array(jobs),
  acceptedDead: new Uint8Array(jobs),
  settledAt: new Uint32Array(jobs).fill(never),
  place: new Uint8Array(jobs),
  plannedFailures: new Uint16Array(jobs),
  delay: new Uint16Array(jobs),
  priority: new Uint8Array(prioritised ? jobs : 0),
  repeats: new Uint32Array(repeating ? jobs : 0).fill(never),
  told: new Uint32Array(repeating ? jobs : 0),
});
