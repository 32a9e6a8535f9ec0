/** The type of plain data that nobody may change, such as what a schema let pass. Free JSON is as it is. */
import type { Json } from "./json.ts";

export type DeepReadonly<T> = [Json] extends [T]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
