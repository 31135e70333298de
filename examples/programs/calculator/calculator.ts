// What the calculator can do. The workers run it, the client has its types.
import process from "node:process";

export const calculator = {
  add: (a: number, b: number): number => a + b,
  worker: (): number => process.pid,
};
