/**
 * Opens what is a file by itself and nothing else: no link is followed, no FIFO or device waited for, and no more is
 * read than the caller has room for. For directories that came from elsewhere.
 */
import { closeSync, constants, fstatSync, lstatSync, opendirSync, openSync, readSync, type Stats } from "node:fs";
import { UserError } from "./user-error.ts";

/** What stands there is not what may be read. */
export class NotPlain extends UserError {}

export interface PlainFile extends Disposable {
  readonly descriptor: number;
  readonly bytes: number;
}

const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** @throws NotPlain, or the error of the system, such as that there is none */
export function openPlain(path: string): PlainFile {
  const descriptor = open(path);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new NotPlain(`${path} is not a plain file`);
    return { descriptor, bytes: found.size, [Symbol.dispose]: () => closeSync(descriptor) };
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
}

function open(path: string): number {
  try {
    return openSync(path, flags);
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    // A link; a socket, or a device that nothing is behind.
    if (code === "ELOOP" || code === "ENXIO" || code === "EMLINK") throw new NotPlain(`${path} is not a plain file`);
    throw thrown;
  }
}

/** All of it. @throws NotPlain when it is none, or longer than `bytesMost` */
export function readPlain(path: string, bytesMost: number): Buffer {
  using file = openPlain(path);
  if (file.bytes > bytesMost) throw new NotPlain(`${path} has ${file.bytes} bytes: at most ${bytesMost} are read`);
  const into = Buffer.alloc(file.bytes);
  let filled = 0;
  while (filled < into.length) {
    const got = readSync(file.descriptor, into, filled, into.length - filled, filled);
    if (got === 0) break;
    filled += got;
  }
  return into.subarray(0, filled);
}

/** Undefined where nothing can be seen. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // behind a file, a circle of links, or what is not ours to look at
  }
}

/** Whether anything stands there, a link that leads nowhere among it. */
export const isThere = (path: string): boolean => look(path) !== undefined;

export const isPlainFile = (path: string): boolean => look(path)?.isFile() === true;

/** By itself, and not by a link. */
export const isPlainDirectory = (path: string): boolean => look(path)?.isDirectory() === true;

/** None where it is no directory by itself. @throws NotPlain when there are more than `most` */
export function namesIn(directory: string, most: number): readonly string[] {
  if (!isPlainDirectory(directory)) return [];
  const names: string[] = [];
  using entries = opendirSync(directory);
  for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
    if (names.length === most) throw new NotPlain(`${directory} holds more than ${most} files`);
    names.push(entry.name);
  }
  return names.toSorted();
}
