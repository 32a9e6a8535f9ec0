/** Listeners that are called back until they say so themselves. */
export interface Listeners {
  /** Returns how to end it. The same one may be given twice, and taken back once. */
  add(listener: () => void): () => void;
  call(): void;
}

export function listeners(): Listeners {
  const all = new Set<() => void>();
  return {
    add(listener) {
      const own = (): void => listener();
      all.add(own);
      return () => void all.delete(own);
    },
    call() {
      for (const listener of all) listener();
    },
  };
}
