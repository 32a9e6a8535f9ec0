/** A thread that makes and judges the portions that it is sent, one after the other. */
import { parentPort } from "node:worker_threads";
import { study, type Portion } from "./study.ts";

parentPort?.on("message", (portion: Portion) => parentPort?.postMessage(study(portion)));
