/** What the documents show is what there is: code that is run elsewhere, and links that lead somewhere. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { images } from "../harness/environment/containers.ts";
import { places } from "../history/record.ts";
import { read, root, trackedPaths } from "./tree.ts";

test("the guide shows the example as it is run", () => {
  const blocks = [...read("docs/guide.md").text.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)];
  expect(blocks.map(([, name]) => name)).toEqual(["orders.ts", "whitewater.config.ts", "prompt.ts"]);
  for (const [, name, text] of blocks)
    expect(text, `docs/guide.md shows ${name}`).toBe(read(`docs/example/${name}`).text);
});

test("actions are pinned by their commit, and the image of Toxiproxy by its digest", () => {
  const texts = trackedPaths()
    .filter((path) => /\.(ya?ml|md)$/.test(path))
    .map((path) => read(path).text);
  const used = texts.flatMap((text) =>
    [...text.matchAll(/uses: ([\w-]+\/[\w./-]+@\S+)/g)].map(([, action]) => String(action)),
  );
  expect(used.length).toBeGreaterThan(4);
  for (const action of used) expect(action).toMatch(/@[0-9a-f]{40}$/);
  for (const text of [...texts, images.toxiproxy])
    for (const [image] of text.matchAll(/ghcr\.io\/shopify\/toxiproxy:[^\s`]+/g))
      expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
});

test("the adapter's page names all places, all of the context and all that a dead letter can tell", () => {
  const page = read("docs/adapter.md").text;
  const contract = read("systems/contract.ts").text;
  const fieldsOf = (name: string): readonly string[] => {
    const [, body = ""] = new RegExp(`^export interface ${name} \\{\\n(.*?)^\\}`, "ms").exec(contract) ?? [];
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, field]) => String(field));
  };
  expect(fieldsOf("Context")).toContain("namespace");
  for (const field of [...fieldsOf("Context"), ...fieldsOf("DeadEntry")]) expect(page).toContain(`\`${field}\``);
  for (const place of Object.keys(places)) expect(page).toContain(`{ at: "${place}", payload`);
});

test.each(trackedPaths().filter((path) => path.endsWith(".md")))("the links of %s lead somewhere", (path) => {
  const targets = [...read(path).text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => String(target));
  const broken = targets.filter((target) => !/^\w+:/.test(target) && !leads(path, target));
  expect(broken).toEqual([]);
});

/** To a file, and in a document to one of its headings. */
function leads(from: string, target: string): boolean {
  const [file = "", heading] = target.split("#");
  const path = file === "" ? from : join(dirname(from), file);
  if (!existsSync(join(root, path))) return false;
  return heading === undefined || headingsOf(path).includes(heading);
}

const headingsOf = (path: string): readonly string[] =>
  read(path)
    .text.split("\n")
    .filter((line) => line.startsWith("#"))
    .map((line) =>
      line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
