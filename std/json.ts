/** Plain serialisable values: what plans, evidence, terms and results are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
