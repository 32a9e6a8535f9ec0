/** Answers as they came over a socket, one after the other. Throws where they are none. */

export interface Answered {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * @param methods of the requests, in order, as far as they were meant to be some: what a HEAD is answered has no body
 */
export function answersOf(received: Buffer, methods: readonly string[]): readonly Answered[] {
  const answers: Answered[] = [];
  let rest = received.toString("latin1");
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) throw new Error(`half an answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) \S/.exec(first)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const headers = new Map(lines.map((line) => headerOf(line)));
    rest = rest.slice(end + 4);
    if (status === 100) continue; // to an expectation; the answer follows
    // What is mangled may not have been understood as one, or as a part of the one before it: then those after it move
    // up.
    const isBare = methods.slice(answers.length).includes("HEAD") && (rest === "" || rest.startsWith("HTTP/1.1 "));
    const length = isBare ? 0 : Number(headers.get("content-length"));
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${first}`);
    if (rest.length < length) throw new Error(`${rest.length} of ${length} bytes of an answer: ${first}`);
    answers.push({ status, headers, body: Buffer.from(rest.slice(0, length), "latin1").toString("utf8") });
    rest = rest.slice(length);
  }
  return answers;
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  if (colon < 1) throw new Error(`a header that is none: ${JSON.stringify(line)}`);
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
