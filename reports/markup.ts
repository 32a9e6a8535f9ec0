/**
 * Text that becomes HTML or XML. Whatever is put into a template is escaped unless it is markup itself, so a payload,
 * a name or an error of the system under test can never become part of a page.
 */
export interface Markup {
  readonly markup: string;
}

export type Piece = Markup | string | number | undefined | false | readonly Piece[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that no XML 1.0 document may hold, not even escaped; a lone surrogate is among them. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Without what no document should hold; what it was is visible as a replacement character. */
export const legible = (text: string): string => text.replace(forbidden, "\u{fffd}");

const escaped = (text: string): string =>
  legible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character);

export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { markup: strings.map((text, i) => text + rendered(pieces[i])).join("") };
}

/** Known to be markup already, such as an asset of ours. */
export const trusted = (text: string): Markup => ({ markup: text });

function rendered(piece: Piece): string {
  if (piece === undefined || piece === false) return "";
  if (typeof piece === "string" || typeof piece === "number") return escaped(String(piece));
  return isMarkup(piece) ? piece.markup : piece.map(rendered).join("");
}

const isMarkup = (piece: Markup | readonly Piece[]): piece is Markup => "markup" in piece;
