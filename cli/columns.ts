/** Text in the columns of a terminal: how many it takes, and what of it fits. */
import { stripVTControlCharacters } from "node:util";

/**
 * Whatever takes two columns in some terminal: to take it for wider than it is cuts a row too early, and never too
 * late.
 */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3ffff}]/u;

const widthOf = (character: string): number => (wide.test(character) ? 2 : 1);

export const columnsOf = (text: string): number =>
  [...stripVTControlCharacters(text)].reduce((sum, character) => sum + widthOf(character), 0);

/** What sets a colour or ends it takes no room, and is kept also behind the cut: nothing stays coloured. */
// oxlint-disable-next-line no-control-regex -- it begins with one
const parts = /(\u001b\[[\d;]*m)/;

/** The text, or as much of it as fits, with a sign that there is more. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let left = columns - 1;
  let cut = "";
  for (const part of text.split(parts)) {
    if (parts.test(part)) {
      cut += part;
      continue;
    }
    for (const character of part) {
      if (left < 0) break;
      const takes = widthOf(character);
      if (takes <= left) cut += character;
      else cut += "…";
      left = takes <= left ? left - takes : -1;
    }
  }
  return cut;
}
