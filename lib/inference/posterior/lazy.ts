/** Computes at the first call, and remembers. */
export function once<T>(compute: () => T): () => T {
  let result: { value: T } | undefined;
  return () => (result ??= { value: compute() }).value;
}

/** An object whose values are computed when they are first read. A copy of it, `{ ...it }`, has them all. */
export function lazy<T extends object>(compute: { readonly [Name in keyof T]: () => T[Name] }): T {
  const result = {};
  for (const [name, value] of Object.entries<() => unknown>(compute)) {
    Object.defineProperty(result, name, { get: once(value), enumerable: true });
  }
  return result as T;
}
