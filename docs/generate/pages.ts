/** The pages that programs write, each by the path at which it lies. */
import { resultSchemaText } from "../../reports/result-schema.ts";
import { cataloguePage } from "./catalogue-page.ts";
import { machinesPage } from "./machines-page.ts";
import { mutantsPage } from "./mutants-page.ts";

export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/catalogue.md": cataloguePage,
  "docs/machines.md": machinesPage,
  "docs/mutants.md": mutantsPage,
  "docs/result.schema.json": resultSchemaText,
};
