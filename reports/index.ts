/** The catalogue of reporters: files that a run leaves behind. A new one is a file and a line here. */
import type { Reporter } from "./contract.ts";
import { hgrm } from "./hgrm.ts";
import { hlog } from "./hlog.ts";
import { html } from "./html/index.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { prometheus } from "./prometheus.ts";

export const reports = [html, json, junit, markdown, hgrm, hlog, prometheus] as const satisfies readonly Reporter[];
