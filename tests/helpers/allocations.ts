/** Counts of memory, which do not depend on the clock. */

/** The lengths of the arrays of bytes that are made while something runs; views are not counted. */
export function allocations(run: () => void): number[] {
  const lengths: number[] = [];
  const scope = globalThis as { Uint8Array: unknown };
  const original = globalThis.Uint8Array;
  scope.Uint8Array = new Proxy<new (...args: never[]) => object>(original, {
    construct(target, args: never[], newTarget) {
      const [length]: unknown[] = args;
      if (typeof length === "number") lengths.push(length);
      return Reflect.construct(target, args, newTarget);
    },
  });
  try {
    run();
  } finally {
    scope.Uint8Array = original;
  }
  return lengths;
}
