/** The axis of every series: whole seconds since the origin. */

export const secondsFrom = (count: number): readonly number[] => Array.from({ length: count }, (_, second) => second);
