/** Counts of memory, which do not depend on the clock. */

/** The lengths of the arrays of bytes that are made while something runs; views are not counted. */
export function allocations(run: () => void): number[] {
  const lengths: number[] = [];
  const original = Uint8Array;
  globalThis.Uint8Array = new Proxy(original, {
    construct(target, args: [number], newTarget) {
      if (typeof args[0] === "number") lengths.push(args[0]);
      return Reflect.construct(target, args, newTarget);
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = original;
  }
  return lengths;
}
