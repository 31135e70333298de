/** What a socket tells, awaited by type. */

import assert from "node:assert/strict";
import type { SocketEvent } from "../../src/events.ts";

/** The next event of a type; those of other types on the way are passed over. */
export async function nextEvent<T extends SocketEvent["type"]>(
  reader: ReadableStreamDefaultReader<SocketEvent>,
  type: T,
): Promise<Extract<SocketEvent, { type: T }>> {
  for (;;) {
    const { done, value } = await reader.read();
    assert.ok(!done, `the events ended before ${type}`);
    if (value.type === type) return value as Extract<SocketEvent, { type: T }>;
  }
}
