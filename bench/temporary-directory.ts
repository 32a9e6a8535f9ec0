/** A directory that is gone afterwards, whatever happens to this process short of SIGKILL. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function temporaryDirectory(name: string): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), `whitewater-${name}-`));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  process.once("exit", remove);
  return {
    path,
    [Symbol.dispose]() {
      process.off("exit", remove);
      remove();
    },
  };
}
