/** What the kernel knows of connections: whether others are through again is nothing that a proxy tells. */
import { readFileSync } from "node:fs";

/** Linux alone keeps such a table: columns in proc(5), addresses and ports as hexadecimal digits. */
const tables = ["/proc/net/tcp", "/proc/net/tcp6"];
const established = "01";

/** Connections from processes of this host to that port; undefined where there is no table. */
export function connectionsTo(port: number): number | undefined {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = tables.flatMap((table) => {
    try {
      return readFileSync(table, "utf8").split("\n").slice(1);
    } catch {
      return [];
    }
  });
  if (rows.length === 0) return undefined;
  return rows.filter((row) => {
    const [, , remote, state] = row.trim().split(/\s+/);
    return state === established && remote?.endsWith(ending);
  }).length;
}
