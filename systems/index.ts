/**
 * Every system that can be put under test, by the name that it is chosen by. Loaded when chosen: a process loads one
 * client library, not all.
 */
export const systems = {
  stream: () => import("./stream.ts"),
  "stream-cluster": () => import("./stream-cluster.ts"),
  "stream-http": () => import("./stream-http.ts"),
  bullmq: () => import("./bullmq.ts"),
};
