/**
 * An operator who puts all dead jobs back to work, as a process of its own, for tests to kill in the middle. Arguments:
 * port, namespace.
 */
import { connect, jobType } from "../index.ts";

const [port = "", namespace = ""] = process.argv.slice(2);
process.stdin.once("close", () => process.exit(1)).resume(); // the test is gone
const engine = connect({ redis: { host: "127.0.0.1", port: Number(port) }, namespace });
await engine.deadLetters(jobType({ name: "job" })).replay({});
await engine[Symbol.asyncDispose]();
process.exit(0);
