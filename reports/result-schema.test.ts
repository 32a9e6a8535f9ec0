import { readFileSync } from "node:fs";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import { sampleNames, sampleResult } from "./testing/sample-result.ts";
import type { Result } from "./contract.ts";
import { json } from "./json.ts";
import { resultSchema, resultSchemaText } from "./result-schema.ts";

/**
 * A value as JSON keeps it: what may be undefined may be absent; JSON knows no readonly. Free JSON is not looked into.
 */
type Stored<T> = [z.core.util.JSONType] extends [T]
  ? "json"
  : T extends readonly unknown[]
    ? { -readonly [K in keyof T]: Stored<T[K]> }
    : T extends object
      ? { -readonly [K in keyof T]-?: Stored<Exclude<T[K], undefined>> | (undefined extends T[K] ? "absent" : never) }
      : T;

test("what other rooms make has the same fields in the schema as in their types", () => {
  expectTypeOf<Stored<z.output<typeof resultSchema>>>().toEqualTypeOf<Stored<Result>>();
});

test.each(sampleNames)("result.json of the sample %s is as published", (name) => {
  const written: unknown = JSON.parse(json.render(sampleResult(name)));
  expect(resultSchema.parse(written)).toEqual(written);
});

test("docs/result.schema.json is the schema of this code", () => {
  const published: unknown = JSON.parse(readFileSync(new URL("../docs/result.schema.json", import.meta.url), "utf8"));
  expect(published, "docs/result.schema.json is out of date: `npm run pages` writes it again").toEqual(
    JSON.parse(resultSchemaText()),
  );
});
