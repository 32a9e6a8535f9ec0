/**
 * Whether the system under test used what the run made trouble on and looked into: its store, and the links that were laid
 * for it. Whoever keeps jobs elsewhere, or goes past a proxy, comes through every fault.
 */
import type { ProcessConnections } from "../history/journal.ts";
import { outcomes, type Ledger } from "../history/ledger.ts";

/** Why the run says little about the system; empty where nobody looked. */
export const bypasses = (ledger: Ledger): readonly string[] =>
  ledger.connections === undefined ? [] : [...strangers(ledger), ...pastTheirLinks(ledger), ...keptElsewhere(ledger)];

/** Never seen connected to the store, which those who had something to do cannot do without. */
function strangers({ connections, run }: Ledger): readonly string[] {
  const { processes = [], store = [] } = connections ?? {};
  // Job n is sent by the slot n modulo the number of producers: some may have none.
  const busy = processes.filter(({ role, slot }) => role === "worker" || slot < run.jobs);
  const never = busy.filter(({ connected }) => connected === 0);
  if (never.length === 0) return [];
  const all = never.length === busy.length;
  const who = all
    ? "no process of the run was"
    : `${never.map(nameOf).join(", ")} ${never.length === 1 ? "was" : "were"} never`;
  const others = [...new Set(never.flatMap(({ elsewhere }) => elsewhere))];
  const where = others.length === 0 ? "" : `, but to ${others.join(", ")}`;
  return [`${who} connected to its store (${store.join(", ")}) while the load ran${where}`];
}

const pastTheirLinks = ({ connections }: Ledger): readonly string[] =>
  (connections?.processes ?? []).flatMap((process) => {
    const { past, links } = process;
    if (past.length === 0) return [];
    const own = links.length === 0 ? "" : ` (${links.join(", ")})`;
    return [`${nameOf(process)} was connected to ${past.join(", ")} past the links that were laid for it${own}`];
  });

/** The texts of jobs are drawn by chance from 64 letters: nothing packs them to less than three quarters. */
const smallestShare = 1 / 4;

/** By the store's own count: what was enqueued into it cannot be less than the texts of the jobs. */
function keptElsewhere({ connections, columns, run }: Ledger): readonly string[] {
  const taken = connections?.bytes?.taken;
  const accepted = columns.outcome.reduce((sum, outcome) => sum + (outcome === outcomes.ok ? 1 : 0), 0);
  if (taken === undefined || taken >= accepted * run.payloadBytes * smallestShare) return [];
  return [
    `the store took in ${taken} bytes while ${accepted} jobs of ${run.payloadBytes} bytes were acknowledged: they were kept elsewhere`,
  ];
}

const nameOf = ({ role, slot }: ProcessConnections): string => `${role} ${slot}`;
