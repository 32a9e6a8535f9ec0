/**
 * The service's door: for the module from which `engine serve` and `engine work` start, and for an app that mounts it.
 */
export { declare, queue, type Declaration, type HowToWork, type JsonProducer, type Queue } from "./declaration.ts";
export { service, type ServiceOptions } from "./service.ts";
