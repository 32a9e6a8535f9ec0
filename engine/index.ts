/** The engine's door: job types, a connection, and what they give. Everything else is inside. */
export { connect, type ConnectOptions, type Engine } from "./engine.ts";
export { jobType, json, text, type Codec, type JobType, type Schema } from "./job-type.ts";
export type { Address, Cluster, Node } from "./redis/address.ts";
export type { CallerKeys } from "./operate/caller-keys.ts";
export type { Counts } from "./operate/counts.ts";
export type { DeadJob, DeadLetterFilter, DeadLetters } from "./operate/dead-letters.ts";
export type { Whereabouts } from "./operate/find.ts";
export type { Found, Letter } from "./operate/inspect.ts";
export type { Layout } from "./redis/keys.ts";
export type { NewJob } from "./producer/new-job.ts";
export type { Observer, Run } from "./observer.ts";
export type { Producer, ProducerOptions, Receipt } from "./producer/producer.ts";
export type { Reason } from "./producer/refusals.ts";
export type { Retention } from "./retention.ts";
export type { Handler, Job } from "./worker/runner.ts";
export type { Settled, WorkOptions } from "./worker/options.ts";
