/** The service's door with a few thousand requests; `npm run fuzz -- --door http --cases 200000` has more. */
import { expect, test } from "vitest";
import { http } from "./http.ts";

test("the service answers whatever it is sent, and has what it acknowledged", async () => {
  expect((await http.run("ci", 3000)).mishandled).toEqual([]);
});
