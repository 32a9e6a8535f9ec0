/** First in, first out, at a constant price for each member however long the queue is. */

export interface Fifo<T extends object> {
  readonly length: number;
  push(member: T): void;
  /** The oldest one, without taking it. */
  peek(): T | undefined;
  shift(): T | undefined;
  /** All that is left, oldest first. */
  clear(): readonly T[];
}

/** So many slots of members that were taken are kept before the rest is moved up. */
const emptyMax = 1000;

export function fifo<T extends object>(): Fifo<T> {
  let members: (T | undefined)[] = [];
  let at = 0;
  return {
    get length() {
      return members.length - at;
    },
    push: (member) => void members.push(member),
    peek: () => members[at],
    shift() {
      const member = members[at];
      if (at < members.length) members[at++] = undefined; // not kept alive by its slot
      if (at >= emptyMax && at * 2 >= members.length) {
        members = members.slice(at);
        at = 0;
      }
      return member;
    },
    clear() {
      const left = members.slice(at).filter((member) => member !== undefined);
      members = [];
      at = 0;
      return left;
    },
  };
}
