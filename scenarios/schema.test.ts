import { expect, test } from "vitest";
import { scenarios } from "./index.ts";
import { UserError } from "../std/user-error.ts";
import { validateScenario } from "./schema.ts";

const throwing = new Proxy(
  {},
  {
    get() {
      throw new TypeError("not for you");
    },
  },
);

test("what throws when it is read is told as what is wrong with the scenario, wherever it is", () => {
  const { load } = scenarios.smoke;
  for (const odd of [
    throwing,
    { ...scenarios.smoke, load: throwing },
    { ...scenarios.smoke, load: { ...load, work: throwing } },
  ]) {
    const validate = (): void => validateScenario("odd", odd);
    expect(validate).toThrow(UserError);
    expect(validate).toThrow('scenario "odd" cannot be read: not for you');
  }
});
