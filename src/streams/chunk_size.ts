/** What a chunk counts besides its bytes. */
export const CHUNK_OVERHEAD = 512;

/** What a chunk counts in the queue of a stream. */
export function chunkSize(chunk: unknown): number {
  if (chunk instanceof Uint8Array) return chunk.byteLength + CHUNK_OVERHEAD;
  if (typeof chunk === "string") return chunk.length + CHUNK_OVERHEAD;
  if (Array.isArray(chunk)) return chunk.reduce((sum, part) => sum + chunkSize(part), 0);
  const { byteLength, body } = (chunk ?? {}) as { byteLength?: number; body?: unknown };
  return body === undefined ? (byteLength ?? 0) + CHUNK_OVERHEAD : chunkSize(body);
}
