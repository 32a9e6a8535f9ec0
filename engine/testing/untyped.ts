/** Hands a value over as a caller without types does: for anything. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that it is none is the point
export const untyped = (value: unknown): never => value as never;
