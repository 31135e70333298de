// Instead of src/recycle.ts: what comes to a page lies in memory that this library did not make.

export function recycle(_message: Uint8Array): void {}

export function takeHeader(message: Uint8Array, length: number): Uint8Array {
  return message.subarray(0, length);
}
