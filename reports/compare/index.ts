/** The files that a comparison leaves. */
import type { ComparisonReport } from "./contract.ts";
import { comparisonHtml } from "./html.ts";
import { comparisonMarkdown } from "./markdown.ts";

const comparisonJson: ComparisonReport = {
  file: "compare.json",
  render: (comparison) => `${JSON.stringify(comparison, null, 2)}\n`,
};

export const comparisonReports: readonly ComparisonReport[] = [comparisonJson, comparisonMarkdown, comparisonHtml];
