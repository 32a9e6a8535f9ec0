/**
 * A configuration and an adapter load however they are written, and whatever the package.json above them calls its
 * modules.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { read, root } from "../rules/tree.ts";
import { temporaryRuns } from "../cli/testing/whitewater.ts";

const asModule = {
  config: `import { builtin } from "whitewater";\nexport default builtin.extend({ systems: { orders: () => import("./orders.ENDING") } });\n`,
  orders: `import { builtin } from "whitewater";\nimport { about } from "./about.ENDING";\nconst { default: stream } = await builtin.systems.stream();\nexport default { ...stream, about };\n`,
  about: `export const about = "Of " + import.meta.filename;\n`,
};
/** What looks like a module's words is no code: such a file stays what it is. */
const asCommonJs = {
  config: `#!/usr/bin/env node\n"use strict";\nconst { builtin } = require("whitewater");\nmodule.exports = builtin.extend({ systems: { orders: () => import("./orders.ENDING") } });\n`,
  orders: `const { builtin } = require("whitewater");\nconst { about } = require("./about.ENDING");\n/*\nimport nothing from "nowhere";\n*/\nconst text = \`\nexport default 1;\nawait 2;\n\`;\nmodule.exports = { options: 0, ...require("./parts.ENDING"), about };\n`,
  about: `exports.about = "Of " + __filename;\n`,
  parts: `const { z } = require("whitewater");\nmodule.exports = { packages: [], roles: ["commands"], store: "single", options: z.strictObject({}), profiles: {}, tellsSettlements: false, delays: false, priorities: false, claims: () => ({}), bounds: () => ({ recoveryMs: 1, retryMs: 0 }), connect: () => {} };\n`,
};
const withTypes = {
  ...asCommonJs,
  config: `import type { System } from "whitewater";\nconst { builtin } = require("whitewater") as typeof import("whitewater");\nconst systems: Record<string, () => Promise<{ default: System }>> = { orders: async () => require("./orders.ENDING") };\nmodule.exports = builtin.extend({ systems });\n`,
};
const withoutEndings = {
  ...asModule,
  orders: asModule.orders.replace("about.ENDING", "about"),
  "about/index": `export { about } from "../text.js";\n`,
  text: `export const about = "Of " + import.meta.dirname + "/about.ts";\n`,
  about: undefined,
};
/** As TypeScript makes it of a module, for a package that calls its modules CommonJS. */
const compiled = {
  ...asCommonJs,
  config: `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nconst whitewater_1 = require("whitewater");\nexports.default = whitewater_1.builtin.extend({ systems: { orders: () => Promise.resolve().then(() => require("./orders.ENDING")) } });\n`,
  orders: `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nconst { about } = require("./about.ENDING");\nexports.default = { ...require("./parts.ENDING"), about };\n`,
};

const commonJs = `{ "type": "commonjs" }`;
const repositories: readonly (readonly [
  name: string,
  manifest: string,
  ending: string,
  Readonly<Record<string, string | undefined>>,
])[] = [
  ["a module in TypeScript, in a package that is CommonJS", commonJs, "ts", asModule],
  ["a module in TypeScript, in a package that does not say", "{}", "ts", asModule],
  ["a module in TypeScript, in a package of modules", `{ "type": "module" }`, "ts", asModule],
  ["a module that imports without endings, and by those that a compiler would make", commonJs, "ts", withoutEndings],
  ["a module by its ending", commonJs, "mts", asModule],
  ["a module in JavaScript, in a package that is CommonJS", commonJs, "js", asModule],
  ["a module though its ending says CommonJS, as compilers take it", commonJs, "cts", asModule],
  ["CommonJS in TypeScript", commonJs, "ts", withTypes],
  ["CommonJS in TypeScript, by its ending, in a package of modules", `{ "type": "module" }`, "cts", withTypes],
  ["CommonJS in JavaScript", commonJs, "js", asCommonJs],
  ["CommonJS in JavaScript, in a package that does not say", "{}", "js", asCommonJs],
  ["CommonJS by its ending", `{ "type": "module" }`, "cjs", asCommonJs],
  ["a module that was compiled to CommonJS", commonJs, "js", compiled],
];

/**
 * What each configuration's own system says of itself, or why there is none; and whatever Node had to say beside it.
 */
function loaded(configurations: readonly string[]): { readonly said: readonly string[]; readonly warnings: string } {
  const program = `
    import { findConfiguration, loadCatalogues } from ${JSON.stringify(join(root, "catalogues", "configuration.ts"))};
    import { loadSystem } from ${JSON.stringify(join(root, "catalogues", "catalogues.ts"))};
    for (const directory of JSON.parse(process.argv[1])) {
      const said = loadCatalogues(findConfiguration(directory))
        .then(({ systems }) => loadSystem("orders", systems.orders))
        .then(({ about }) => about, (thrown) => thrown.name + ": " + thrown.message);
      console.log(JSON.stringify(await said));
    }`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", program, JSON.stringify(configurations)],
    { encoding: "utf8" },
  );
  return {
    said: stdout
      .trim()
      .split("\n")
      .map((line) => String(JSON.parse(line))),
    warnings: stderr,
  };
}

test("modules and CommonJS, in TypeScript and in JavaScript, in packages of each kind", () => {
  using folder = temporaryRuns();
  const written = repositories.map(([name, manifest, ending, parts]) => {
    const there = join(folder.path, name.replaceAll(/\W+/g, "-"));
    mkdirSync(there);
    writeFileSync(join(there, "package.json"), manifest);
    for (const [part, text] of Object.entries(parts)) {
      if (text === undefined) continue;
      const file = join(there, `${part === "config" ? "whitewater.config" : part}.${ending}`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text.replaceAll("ENDING", ending));
    }
    return { name, there, about: `Of ${join(there, `about.${ending}`)}` };
  });
  const { said, warnings } = loaded(written.map(({ there }) => there));
  expect(Object.fromEntries(written.map(({ name }, index) => [name, said[index]]))).toEqual(
    Object.fromEntries(written.map(({ name, about }) => [name, about])),
  );
  expect(warnings).toBe("");
});

test("the mutant and the wrapped system of the documents, in a folder where nothing is installed", () => {
  using folder = temporaryRuns();
  const written = ["mutants", "adapter"].map((page) => {
    const there = join(folder.path, page);
    mkdirSync(there);
    const [, text = ""] = /^```ts\n(.*?)^```$/ms.exec(read(`docs/${page}.md`).text) ?? [];
    writeFileSync(join(there, "whitewater.config.mjs"), asModule.config.replace("ENDING", "ts"));
    writeFileSync(join(there, "orders.ts"), text);
    return there;
  });
  const said = ["Forgets every thousandth job.", "BullMQ as our shop runs it."];
  expect(loaded(written)).toEqual({ said, warnings: "" });
});

test("what does not parse is told with its place, and what is not there by its name", () => {
  using folder = temporaryRuns();
  const write = (name: string, text: string): string => {
    const there = join(folder.path, name);
    mkdirSync(there);
    writeFileSync(join(there, "package.json"), commonJs);
    writeFileSync(join(there, "whitewater.config.ts"), text);
    return there;
  };
  const unparsed = write(
    "unparsed",
    `import { builtin } from "whitewater";\nexport default builtin.extend({\n  systems: [1,\n});\n`,
  );
  const missing = write("missing", `import { queue } from "./queues";\nexport default queue;\n`);
  const { said } = loaded([unparsed, missing]);
  expect(said[0]).toMatch(/^UserError: .*whitewater.config.ts:4/s);
  expect(said[1]).toMatch(/^UserError: .*Cannot find module '[^']*queues' imported from/s);
});
