/** How dead letters are named: by the id of their entry, and the shard before it where there are several. */
import { shown } from "../options.ts";

export interface NamedLetter {
  readonly shard: number;
  readonly id: string;
}

export interface LetterNames {
  of(shard: number, id: string): string;
  /** @throws RangeError for what names none */
  read(name: string): NamedLetter;
}

/** @param shards of the job type: ids of different ones may be the same */
export const letterNames = (shards: number): LetterNames => ({
  of: (shard, id) => (shards === 1 ? id : `${shard}/${id}`),
  read(name) {
    const [given = "", shard = "0"] = shards === 1 ? [name] : name.split("/", 2).toReversed();
    const id = entryId(given);
    if (id !== undefined && Number(shard) < shards && (shards === 1 || name.includes("/")))
      return { shard: Number(shard), id };
    throw new RangeError(
      `${shown(name)} is no id of a dead letter, such as ${shards === 1 ? "" : "0/"}1700000000000-0`,
    );
  },
});

const idPartMax = 2n ** 64n - 1n;

/** As the broker writes it; undefined for what is none. It would take half an id for all that begin with it. */
function entryId(given: string): string | undefined {
  const parts = /^(\d{1,20})-(\d{1,20})$/.exec(given)?.slice(1).map(BigInt);
  return parts?.every((part) => part <= idPartMax) === true ? parts.join("-") : undefined;
}
