import type { BufferGlobal } from "./node_api.ts";

/** Clearing less than this costs no more than asking for memory that is not cleared. */
const WORTH_ASKING = 32 * 1024;

/** New memory to be filled: where the runtime offers it (Node and Bun do), not cleared before. */
export function allocateUncleared(length: number): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as { Buffer?: BufferGlobal };
  if (length < WORTH_ASKING || Buffer === undefined) return new Uint8Array(length);
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
