/** A bug of the model queue: where it takes hold of it, and which promise it breaks, once. Types only. */
import type { GuaranteeName } from "../../../checks/index.ts";
import type { Ledger } from "../../../history/ledger.ts";
import type { Model } from "../run.ts";
import type { TroubleName } from "../trouble.ts";
import type { Wishes } from "../world.ts";

export interface Planting {
  /** Something in which the promise can be broken: true where this is to be the one. */
  takes(): boolean;
  /**
   * It is broken now.
   * @param excusable asked when all is over: whoever held the job, or takes it, was silent long enough for that to
   * happen rightly
   */
  broke(job: number | undefined, excusable?: boolean | (() => boolean)): void;
  /** Something is to come of it yet: the run is not over before. @returns to be called when it has, or never will */
  awaits(): () => void;
}

export interface Bug {
  readonly breaks: GuaranteeName;
  /** In words, for whoever reads what was not found. */
  readonly what: string;
  /** Checks that turn red by the nature of it as well. */
  readonly related?: readonly GuaranteeName[];
  readonly wishes?: Wishes;
  /** The faults that may be about; left out: all of them; empty: none. */
  readonly amid?: readonly TroubleName[];
  plant(model: Model, planting: Planting): void;
  /** Whose it is, or may be, where that depends on what the record can tell; left out: `breaks`. */
  ownedBy?(ledger: Ledger, job: number): readonly GuaranteeName[];
  /**
   * Of one that may have come about rightly: the run itself says, by the intervals of its blind share, that it cannot
   * see it.
   */
  isBlind?(ledger: Ledger, job: number): boolean;
  /** Where the record shows that in the end nothing was broken, or something else was. */
  cameToNothing?(ledger: Ledger, job: number): boolean;
}
