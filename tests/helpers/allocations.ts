/** Counts of memory, which do not depend on the clock. */

/** The lengths of the arrays of bytes that are made while something runs; views are not counted. */
export function allocations(run: () => void): number[] {
  return constructions("Uint8Array", run);
}

/** The lengths with which arrays of a class are made while something runs. */
export function constructions(name: "Uint8Array" | "Array", run: () => void): number[] {
  const lengths: number[] = [];
  const count = ([length]: unknown[]): void => {
    if (typeof length === "number") lengths.push(length);
  };
  const scope = globalThis as Record<string, unknown>;
  const original = globalThis[name];
  scope[name] = new Proxy<new (...args: never[]) => object>(original, {
    construct(target, args: never[], newTarget) {
      count(args);
      return Reflect.construct(target, args, newTarget);
    },
    // Bun leaves out the `new` of an `Array`.
    apply(target, self, args: never[]) {
      count(args);
      return Reflect.apply(target as unknown as typeof Array, self, args);
    },
  });
  try {
    run();
  } finally {
    scope[name] = original;
  }
  return lengths;
}
