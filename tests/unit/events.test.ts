import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EventHub, type SocketEvent } from "../../src/surface/events.ts";
import { mockPeer } from "../helpers/mock_pipe.ts";

function attached(name = "mock://x"): SocketEvent {
  return { type: "attached", peer: mockPeer(name) };
}

async function collect(stream: ReadableStream<SocketEvent>): Promise<SocketEvent[]> {
  const events: SocketEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe("the events", () => {
  test("go to every reader, in order, from when it began to read", async () => {
    const hub = new EventHub();
    const [one, two, three] = [attached(), attached(), attached()];
    const early = hub.open();
    hub.emit(one);
    const late = hub.open();
    hub.emit(two);
    hub.emit(three);
    hub.close();
    assert.deepEqual(await collect(early), [one, two, three]);
    assert.deepEqual(await collect(late), [two, three]);
  });

  test("come at once to a reader that waits", async () => {
    const hub = new EventHub();
    const reader = hub.open().getReader();
    const read = reader.read();
    await Promise.resolve();
    const event = attached();
    hub.emit(event);
    assert.deepEqual(await read, { done: false, value: event });
    hub.close();
    assert.equal((await reader.read()).done, true);
  });

  test("end for a reader that waits, and have ended for one that comes later", async () => {
    const hub = new EventHub();
    const read = hub.open().getReader().read();
    await Promise.resolve();
    hub.close();
    assert.equal((await read).done, true);
    assert.deepEqual(await collect(hub.open()), []);
  });

  test("go on for the others when a reader has left", async () => {
    const hub = new EventHub();
    const [leaves, stays] = [hub.open(), hub.open()];
    await leaves.cancel();
    const event = attached();
    hub.emit(event);
    hub.close();
    assert.deepEqual(await collect(stays), [event]);
  });

  test("that nobody takes are bounded, also behind one that somebody took: the oldest give way", async () => {
    const hub = new EventHub();
    const stream = hub.open();
    const reader = stream.getReader();
    const read = reader.read();
    await Promise.resolve();
    hub.emit(attached());
    await read;
    reader.releaseLock();
    for (let i = 0; i < 5000; i++) hub.emit(attached(`mock://${i}`));
    hub.close();
    const [missed, ...events] = await collect(stream);
    assert.deepEqual(missed, { type: "missed", count: 5000 - 1024 });
    assert.equal(hub.missed, 5000 - 1024);
    assert.equal(events.length, 1024);
    const last = events.at(-1);
    assert.equal(last?.type === "attached" && last.peer.remoteAddress, "mock://4999");
  });

  test("of lost messages are gathered by peer and reason", async () => {
    const hub = new EventHub();
    const stream = hub.open();
    const [a, b] = [mockPeer("mock://a"), mockPeer("mock://b")];
    for (let i = 0; i < 100; i++) hub.dropped(a, "overflow", 2);
    hub.dropped(b, "overflow", 1);
    hub.dropped(a, "ttl", 3);
    hub.dropped(undefined, "closed", 4);
    hub.close();
    assert.deepEqual(await collect(stream), [
      { type: "dropped", peer: a, reason: "overflow", count: 200 },
      { type: "dropped", peer: a, reason: "ttl", count: 3 },
      { type: "dropped", peer: b, reason: "overflow", count: 1 },
      { type: "dropped", reason: "closed", count: 4 },
    ]);
  });

  test("of lost messages come soon, also where the socket goes on", async () => {
    const hub = new EventHub();
    const reader = hub.open().getReader();
    hub.dropped(undefined, "late", 1);
    assert.deepEqual((await reader.read()).value, { type: "dropped", reason: "late", count: 1 });
    hub.dropped(undefined, "late", 2);
    assert.deepEqual((await reader.read()).value, { type: "dropped", reason: "late", count: 2 });
    hub.close();
  });

  test("of lost messages cost nothing while nobody reads", async () => {
    const hub = new EventHub();
    hub.dropped(undefined, "late", 1);
    const stream = hub.open();
    hub.close();
    assert.deepEqual(await collect(stream), []);
  });
});
