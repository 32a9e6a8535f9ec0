/** This way is not open here, and why; the next one is asked. */
export interface Unavailable {
  readonly unavailable: string;
}
