// Instead of src/recycle.ts: what comes to a page lies in memory that this library did not make.

/** Does nothing in a page; elsewhere it gives a message's memory back. */
export function recycle(_message: Uint8Array): void {}

export function takeHeader(message: Uint8Array, length: number): Uint8Array {
  return message.subarray(0, length);
}
