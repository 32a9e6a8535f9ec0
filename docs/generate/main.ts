/** Writes every generated page again, from what the code says today: `npm run pages`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../rules/tree.ts";
import { pages } from "./pages.ts";

for (const [path, write] of Object.entries(pages)) {
  const file = join(root, path);
  const text = await write();
  const isNew = readFileSync(file, "utf8") !== text;
  if (isNew) writeFileSync(file, text);
  console.log(`${path}: ${isNew ? "written" : "as it was"}`);
}
