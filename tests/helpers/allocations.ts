/** Counts of memory, which do not depend on the clock. */

import { Buffer } from "node:buffer";

/** The lengths of the arrays of bytes that are made while something runs; views are not counted. */
export function allocations(run: () => void): number[] {
  const lengths: number[] = [];
  const original = Uint8Array;
  const { allocUnsafeSlow } = Buffer;
  globalThis.Uint8Array = new Proxy(original, {
    construct(target, args: [number], newTarget) {
      if (typeof args[0] === "number") lengths.push(args[0]);
      return Reflect.construct(target, args, newTarget);
    },
  });
  Buffer.allocUnsafeSlow = (length) => {
    lengths.push(length);
    return allocUnsafeSlow(length);
  };
  try {
    run();
  } finally {
    globalThis.Uint8Array = original;
    Buffer.allocUnsafeSlow = allocUnsafeSlow;
  }
  return lengths;
}
