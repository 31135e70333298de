/** What a socket tells, awaited by type. */

import assert from "node:assert/strict";
import type { SocketEvent } from "../../src/surface/events.ts";

/** The next drops as one, once they are so many: a slow machine may tell of them in several events. */
export async function nextDrops(
  reader: ReadableStreamDefaultReader<SocketEvent>,
  count: number,
): Promise<Extract<SocketEvent, { type: "dropped" }>> {
  const first = await nextEvent(reader, "dropped");
  let sum = first.count;
  while (sum < count) {
    const next = await nextEvent(reader, "dropped");
    assert.deepEqual([next.reason, next.peer], [first.reason, first.peer]);
    sum += next.count;
  }
  return { ...first, count: sum };
}

/** The next event of a type that is as wanted; others on the way are passed over. */
export async function nextEvent<T extends SocketEvent["type"]>(
  reader: ReadableStreamDefaultReader<SocketEvent>,
  type: T,
  wanted: (event: Extract<SocketEvent, { type: T }>) => boolean = () => true,
): Promise<Extract<SocketEvent, { type: T }>> {
  for (;;) {
    const { done, value } = await reader.read();
    assert.ok(!done, `the events ended before ${type}`);
    const event = value as Extract<SocketEvent, { type: T }>;
    if (value.type === type && wanted(event)) return event;
  }
}
