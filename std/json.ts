/** Plain serialisable values: what plans, evidence, terms and results are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** As JSON keeps it: what is undefined is left out. @throws TypeError for what JSON cannot keep */
export const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));

/** Nothing of ours comes near it; whoever walks down a deeper one runs out of stack. */
const depthMost = 100;

/** @throws SyntaxError when it is none, or nested too deep to be walked */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (depthOf(text) > depthMost) throw new SyntaxError(`it is nested deeper than ${depthMost} levels`);
  return value;
}

/** Of what is JSON. */
function depthOf(text: string): number {
  let [depth, deepest, isInText] = [0, 0, false];
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (isInText) {
      if (character === backslash) index++;
      else if (character === quote) isInText = false;
    } else if (character === quote) isInText = true;
    else if (character === bracket || character === brace) deepest = Math.max(deepest, ++depth);
    else if (character === bracketEnd || character === braceEnd) depth--;
  }
  return deepest;
}

const [quote, backslash, bracket, bracketEnd, brace, braceEnd] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];
