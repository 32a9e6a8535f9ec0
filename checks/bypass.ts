/**
 * Whether the system under test used what the run made trouble on and looked into: its store, and the links that were
 * laid for it. Whoever keeps jobs elsewhere, or goes past a proxy, comes through every fault.
 */
import type { ProcessConnections } from "../history/journal.ts";
import { outcomes, type Ledger } from "../history/ledger.ts";

/** Why the run says little about the system; empty where nobody looked. */
export function bypasses(ledger: Ledger): readonly string[] {
  if (ledger.connections === undefined) return [];
  const accepted = acceptedOf(ledger);
  return [
    ...strangers(ledger),
    ...pastTheirLinks(ledger),
    ...carriedElsewhere(ledger, accepted),
    ...keptElsewhere(ledger, accepted),
  ];
}

/** Never seen connected to the store, which those who had something to do cannot do without. */
function strangers({ connections, run }: Ledger): readonly string[] {
  const { processes = [], store = [] } = connections ?? {};
  // A producer may have no job to send.
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
function keptElsewhere({ connections, run }: Ledger, accepted: Accepted): readonly string[] {
  const taken = connections?.bytes?.taken;
  const jobs = accepted.reduce((sum, count) => sum + count, 0);
  if (taken === undefined || taken >= jobs * run.payloadBytes * smallestShare) return [];
  return [
    `the store took in ${taken} bytes while ${jobs} jobs of ${run.payloadBytes} bytes were acknowledged: they were kept elsewhere`,
  ];
}

/** Looks once a second miss what a connection carries after the last of them. */
const seenShare = 1 / 2;

/** Those with links whose jobs cannot have passed them, by the kernel's count, while something passed elsewhere. */
function carriedElsewhere(ledger: Ledger, accepted: Accepted): readonly string[] {
  const { connections, run } = ledger;
  return (connections?.processes ?? []).flatMap((process) => {
    const { role, links, bytes, elsewhere } = process;
    const count = role === "producer" ? (accepted[process.slot] ?? 0) : startedBy(ledger, process);
    const own = role === "producer" ? bytes?.sent : bytes?.received;
    if (links.length === 0 || bytes === undefined || own === undefined || bytes.elsewhere <= own) return [];
    if (own >= count * run.payloadBytes * smallestShare * seenShare) return [];
    const did = role === "producer" ? `sent ${count} jobs of` : `started ${count} jobs of`;
    return [
      `${nameOf(process)} ${did} ${run.payloadBytes} bytes, and ${own} bytes passed its links (${links.join(", ")}), but ${bytes.elsewhere} to and from ${elsewhere.join(", ")}`,
    ];
  });
}

/**
 * Jobs that were acknowledged, by their producer's slot: job n is sent by the slot n modulo the number of producers.
 */
type Accepted = Uint32Array;

function acceptedOf({ run, columns: { outcome } }: Ledger): Accepted {
  const accepted = new Uint32Array(run.producers);
  for (let job = 0; job < outcome.length; job++) if (outcome[job] === outcomes.ok) accepted[job % run.producers]!++;
  return accepted;
}

const startedBy = ({ incarnations, activity }: Ledger, { role, slot }: ProcessConnections): number =>
  incarnations
    .filter((one) => one.role === role && one.slot === slot)
    .flatMap(({ incarnation }) => activity.get(incarnation)?.starts ?? [])
    .reduce((sum, starts) => sum + starts, 0);

const nameOf = ({ role, slot }: ProcessConnections): string => `${role} ${slot}`;
