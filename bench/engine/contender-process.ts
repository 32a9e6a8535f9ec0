/** One side of one contender, in a process of its own: its assignment says which; it records nothing. */
import { UserError } from "../../std/user-error.ts";
import { member, type Duties } from "../../fleet/member.ts";
import type { Assignment } from "../../fleet/messages.ts";
import type { Contender } from "./contender.ts";
import { contenders } from "./contenders.ts";

member(async ({ assignment, end }) => {
  const contender = chosen(assignment);
  const address = assignment.links.commands;
  return assignment.role === "producer" ? await producing(contender, address) : await working(contender, address, end);
});

function chosen({ system }: Assignment): Contender {
  const found = Object.entries(contenders).find(([known]) => known === system)?.[1];
  if (found === undefined) throw new UserError(`nobody called "${system}" takes part`);
  return found;
}

type Place = Parameters<Contender["producer"]>[0];

async function producing(contender: Contender, address: Place): Promise<Duties> {
  const send = await contender.producer(address);
  return {
    async obey(order) {
      if (order.do !== "enqueue") throw new Error(`a producer of a benchmark cannot ${order.do}`);
      await send(order.to - order.from);
      return {};
    },
    leave: async () => {},
  };
}

/** It works all the time; rested it has when so many more jobs are settled. Some may be before the number is known. */
async function working(contender: Contender, address: Place, end: (thrown: unknown) => void): Promise<Duties> {
  let left = 0;
  let rested: (() => void) | undefined;
  const settled = (jobs: number): void => {
    left -= jobs;
    if (left === 0) rested?.();
  };
  await contender.worker(address, async () => {}, settled);
  return {
    async obey(order) {
      if (order.do === "work") left += order.measured?.jobs ?? 0;
      else if (order.do === "rest") {
        if (left > 0) await new Promise<void>((resolve) => (rested = resolve));
        if (left < 0) end(new Error(`${-left} jobs more were settled than were sent`));
      } else throw new Error(`a worker of a benchmark cannot ${order.do}`);
      return {};
    },
    leave: async () => {},
  };
}
