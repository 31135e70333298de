// The calculator's methods. The server runs them, and the client has their types.
import { RpcError } from "@nanostreams/nanostreams/rpc";

export const calculator = {
  add: (a: number, b: number): number => a + b,
  divide(a: number, b: number): number {
    if (b === 0) throw new RpcError(1, "Cannot divide by 0", { a });
    return a / b;
  },
  sum: (...numbers: number[]): number => numbers.reduce((a, b) => a + b, 0),
};
