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
  return markup`<div class="wide"><table class="${name}"><thead><tr>${columns.map((column) => markup`<th scope="col"${side(column)}>${column.title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr${anchor !== undefined && markup` id="${anchor(row)}"`}>${columns.map((column, i) => (i === 0 ? markup`<th scope="row"${side(column)}>${column.cell(row)}</th>` : markup`<td${side(column)}>${column.cell(row)}</td>`))}</tr>\n`)}</tbody></table></div>`;
}

/** Names with their values, one a line; values inside values are told on the same line. */
export function pairs(value: Readonly<Record<string, Json>>): Markup {
  return markup`<dl class="pairs">${Object.entries(value).map(([name, inner]) => markup`<div><dt>${name}</dt><dd>${typeof inner === "number" ? number(inner) : inner === "" ? dash : oneLine(inner)}</dd></div>`)}</dl>`;
}

export const anyValue = (value: Json): Piece =>
  isRecord(value)
    ? Object.keys(value).length === 0
      ? dash
      : pairs(value)
    : isList(value) && value.length === 0
      ? dash
      : oneLine(value);

/** A part of the page: its heading asks what the part answers. */
export const part = (id: string, title: string, lead: Piece, body: Piece): Markup => markup`
<section id="${id}">
<h2>${title}</h2>
${lead !== undefined && lead !== "" && markup`<p class="lead">${lead}</p>`}
${body}
</section>`;
