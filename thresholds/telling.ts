/** How a value is told: in the unit that a person would say. */
import type { Unit } from "../measures/contract.ts";
import type { ObservedValue } from "./contract.ts";

export function told(value: number, unit: Unit): string {
  switch (unit) {
    case "ms":
      return value < 1000 ? `${digits(value)} ms` : `${digits(value / 1000)} s`;
    case "jobs/s":
      return `${digits(value)}/s`;
    case "jobs":
    case "processes":
      return digits(value);
    case "%":
      return `${digits(value)} %`;
  }
}

export const toldSeen = ({ value, atLeast, unit }: Pick<ObservedValue, "value" | "atLeast" | "unit">): string =>
  value === null ? "nothing" : `${atLeast ? "at least " : ""}${told(value, unit)}`;

const digits = (value: number): string =>
  value.toLocaleString(
    "en-US",
    value !== 0 && Math.abs(value) < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 },
  );
