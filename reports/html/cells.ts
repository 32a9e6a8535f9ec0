/** Small pieces of the page that every part uses: numbers that can be copied, tables, plain values, headings. */
import { isList, isRecord, milliseconds, count, oneLine } from "../figures.ts";
import { markup, trusted, type Markup, type Piece } from "../markup.ts";
import type { Json } from "../../std/json.ts";

/** Thousands are set apart by space, not by characters: a copied figure is still a number. */
export const spaced = (text: string): Markup => trusted(text.replaceAll(",", "<i></i>"));

export const number = (value: number): Markup => spaced(count(value));
export const ms = (value: number): Markup => spaced(milliseconds(value));
export const dash = markup`<span class="none">–</span>`;
export const orDash = (value: number | null | undefined, written: (value: number) => Markup): Markup =>
  value === null || value === undefined ? dash : written(value);

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Piece;
  /** Figures stand to the right, under their digits. */
  readonly figure?: true;
}

/** @param anchor the place of each row in the page, for links to it */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  name = "",
  anchor?: (row: Row) => string,
): Markup {
  const side = (column: Column<Row>): Piece => column.figure === true && markup` class="figure"`;
  const head = (column: Column<Row>): Piece => markup`<th scope="col"${side(column)}>${column.title}</th>`;
  const cell = (row: Row, column: Column<Row>, i: number): Piece =>
    i === 0
      ? markup`<th scope="row"${side(column)}>${column.cell(row)}</th>`
      : markup`<td${side(column)}>${column.cell(row)}</td>`;
  const line = (row: Row): Piece => {
    const id = anchor !== undefined && markup` id="${anchor(row)}"`;
    return markup`<tr${id}>${columns.map((column, i) => cell(row, column, i))}</tr>\n`;
  };
  return markup`<div class="wide"><table class="${name}"><thead><tr>${columns.map(head)}</tr></thead>
<tbody>${rows.map(line)}</tbody></table></div>`;
}

/** Names with their values, one a line; values inside values are told on the same line. */
export function pairs(value: Readonly<Record<string, Json>>): Markup {
  const written = (inner: Json): Piece =>
    typeof inner === "number" ? number(inner) : inner === "" ? dash : oneLine(inner);
  const pair = ([name, inner]: readonly [string, Json]): Piece =>
    markup`<div><dt>${name}</dt><dd>${written(inner)}</dd></div>`;
  return markup`<dl class="pairs">${Object.entries(value).map(pair)}</dl>`;
}

export const anyValue = (value: Json): Piece =>
  isRecord(value)
    ? Object.keys(value).length === 0
      ? dash
      : pairs(value)
    : isList(value) && value.length === 0
      ? dash
      : oneLine(value);

/** A drawing under its title; the script draws where there is a `plot`. */
export const drawing = (title: string, about: Piece, drawn: Piece): Markup =>
  markup`<figure><figcaption><b>${title}</b> <span>${about}</span></figcaption>${drawn}</figure>`;

/** A part of the page: its heading asks what the part answers. */
export const part = (id: string, title: string, lead: Piece, body: Piece): Markup => markup`
<section id="${id}">
<h2>${title}</h2>
${lead !== undefined && lead !== "" && markup`<p class="lead">${lead}</p>`}
${body}
</section>`;
