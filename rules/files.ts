/** What must hold for every file of the repository by itself, as a program that gives its reason. */
import type { Source } from "./references.ts";

const longestLines = 300;

/** Longer ones, each with why it cannot be cut without loss. */
const longFiles: Readonly<Record<string, string>> = {
  "docs/catalogue.md": "one page of everything, written from the code, in which people search",
  "docs/mutants.md": "one page of all mutants, written from the code, in which people search",
};

/** Made by programs, read by programs. */
const isGenerated = (path: string): boolean => path === "package-lock.json" || path.endsWith(".schema.json");

export function complaints(
  sources: readonly Source[],
  excused: Readonly<Record<string, string>> = longFiles,
): string[] {
  const stale = Object.keys(excused).filter(
    (path) => !sources.some((source) => source.path === path && isLong(source)),
  );
  return [
    ...sources.flatMap((source) => [...tooLong(source, excused), ...wideLines(source), ...machinePaths(source)]),
    ...stale.map((path) => `${path} is excused in rules/files.ts as long, and is not: take it off the list`),
  ];
}

const linesOf = (text: string): number => text.trimEnd().split("\n").length;
const isLong = ({ path, text }: Source): boolean => !isGenerated(path) && linesOf(text) > longestLines;

const tooLong = (source: Source, excused: Readonly<Record<string, string>>): string[] =>
  isLong(source) && excused[source.path] === undefined
    ? [
        `${source.path} has ${linesOf(source.text)} lines: what makes people afraid is mass in big files. ` +
          `Cut it in two by what the halves are for (at most ${longestLines}), or say in rules/files.ts why not`,
      ]
    : [];

const widest = 120;

/** Code is wrapped by the formatter, and what it leaves stands in strings and templates; in reports those are pages. */
const wideLines = ({ path, text }: Source): string[] => {
  const isPage = /^reports\/.+\.(ts|js|css)$/.test(path);
  if (!isPage && !path.endsWith(".ts")) return [];
  return text.split("\n").flatMap((line, index) => {
    const isComment = /^\s*(\/\/|\/\*|\*)/.test(line);
    if (line.length <= widest || !(isPage || isComment)) return [];
    const what = isComment ? "a comment" : "a line";
    return [`${path}:${index + 1} is ${what} of ${line.length} columns (at most ${widest}): wrap it`];
  });
};

/** Homes and scratch folders of one machine; written apart, so that this file does not name them either. */
const places = ["work/", "root/", "home/", "Users/", "tmp/"].map((folder) => `/${folder}`);
const expression = new RegExp(`(?<![\\w.}/~*-])(${places.join("|")})[\\w.-]+`);

const machinePaths = ({ path, text }: Source): string[] =>
  text.split("\n").flatMap((line, index) => {
    const found = expression.exec(line)?.[0];
    return found === undefined
      ? []
      : [
          `${path}:${index + 1} names ${found}, which is there on one machine only: derive it (os.tmpdir(), import.meta.dirname)`,
        ];
  });
