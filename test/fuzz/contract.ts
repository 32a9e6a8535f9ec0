/**
 * What a fuzzer is: a door through which others hand something in, tried with cases that are made from a seed. Types
 * only.
 */

export interface Door {
  readonly about: string;
  run(seed: string, cases: number): Promise<{ cases: number; mishandled: readonly { seed: string; what: string }[] }>;
}
