/*
 * What `recycle` may take: memory that was made for one message that came, and that nobody but the user has had since.
 */

const received: WeakSet<ArrayBufferLike> = new WeakSet();
/** Whether anybody recycles: if nobody does, there is nothing to remember. */
let isWanted = false;

/** From now on, received memory is remembered. */
export function rememberReceived(): void {
  isWanted = true;
}

/** Whether this memory holds a received message, and nobody else looks at it. */
export function isReceived(memory: Uint8Array): boolean {
  return received.has(memory.buffer);
}

/** Says that this memory was made for a message that comes, and nothing else. */
export function addReceived(memory: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (isWanted) received.add(memory.buffer);
  return memory;
}

/** Says that somebody else looks at this memory, or a part of it, from now on. */
export function share(memory: Uint8Array): void {
  if (isWanted) received.delete(memory.buffer);
}
