/** Texts in GitHub's Markdown, of others too: no markup, no table cell, no line of their own. */

export const plain = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~#]/g, String.raw`\$&`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;");

export function code(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return `<code>${line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "&#124;")}</code>`;
}

/** @param alignment a letter for each column: l or r */
export function table(header: readonly string[], alignment: string, rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const sides = [...alignment].map((side) => (side === "r" ? "---:" : "---"));
  return [line(header), line(sides), ...rows.map(line)].join("\n");
}
