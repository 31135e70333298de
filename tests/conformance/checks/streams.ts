import assert from "node:assert/strict";
import { DuplexSocket, SPError } from "../../../mod.ts";
import type { Check } from "../check.ts";
import { attached, converse, duplex, patience, toText, watch } from "../stage.ts";

/** The two streams of a socket. */
export const STREAMS: readonly Check[] = [
  {
    name: "a stream of text is piped from one process's end to the other's",
    applies: (pattern) => pattern.keepsAll,
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const given = ["one", "two", "", "three"];
      const piped = ReadableStream.from(given).pipeTo(sender.writable, {
        preventClose: true,
        signal: patience(),
      });
      const reader = receiver.readable.getReader();
      for (const text of given) {
        const { value } = await reader.read();
        assert.equal(toText(value!), text);
      }
      await piped;
    },
  },
  {
    name: "a loop over the socket leaves it open when it is left",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      for (const text of ["first", "second", "third"]) await sender.send(text);
      for await (const message of receiver) {
        assert.equal(toText(message), "first");
        break;
      }
      for await (const message of receiver) {
        assert.equal(toText(message), "second");
        break;
      }
      assert.equal(toText(await receiver.receive()), "third");
    },
  },
  {
    name: "a loop over the socket ends when it is closed",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await sender.send("last");
      const heard: string[] = [];
      for await (const message of receiver) {
        heard.push(toText(message));
        receiver.close();
      }
      assert.deepEqual(heard, ["last"]);
    },
  },
  {
    name: "receive takes turns with the stream, and batches with both",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await sender.send("a");
      assert.equal(toText(await receiver.receive()), "a");
      await sender.send("b");
      const reader = receiver.readable.getReader();
      assert.equal(toText((await reader.read()).value!), "b");
      await sender.send("c");
      await sender.send("d");
      const rest: string[] = [];
      while (rest.length < 2) rest.push(...(await receiver.receiveBatch()).map(toText));
      assert.deepEqual(rest, ["c", "d"]);
    },
  },
  {
    name: "cancelling the readable of a socket that only receives closes it",
    applies: (pattern) => pattern.answers === "no",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const log = watch(sender);
      await receiver.readable.cancel();
      await receiver.closed;
      await log.next("detached");
    },
  },
  {
    name: "closing the writable of a socket that only sends closes it, behind what was written",
    applies: (pattern) => pattern.answers === "no",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await ReadableStream.from(["the", "end"]).pipeTo(sender.writable);
      await sender.closed;
      assert.equal(toText(await receiver.receive()), "the");
      assert.equal(toText(await receiver.receive()), "end");
    },
  },
  {
    name: "aborting the writable of a socket that only sends closes it without waiting",
    applies: (pattern) => pattern.answers === "no",
    run: async (stage) => {
      const sender = stage.sender({ linger: Infinity });
      stage.dial(sender);
      await sender.writable.abort(new Error("changed my mind"));
      await sender.closed;
    },
  },
  {
    name: "a socket with two streams is closed when both are ended",
    applies: (pattern) => pattern.answers === "may",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const socket = duplex(sender);
      await socket.writable.close();
      assert.equal(toText((await hearFrom(receiver, socket)).value!), "one way is still open");
      await socket.readable.cancel();
      await socket.closed;
    },
  },
  {
    name: "the readable ends when the socket is closed, behind what has arrived",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const reader = receiver.readable.getReader();
      const first = reader.read();
      for (const text of ["a", "b", "c"]) await sender.send(text);
      assert.equal(toText((await first).value!), "a");
      const log = watch(receiver);
      await sender.close();
      await log.next("detached");
      await receiver.close();
      assert.equal(toText((await reader.read()).value!), "b");
      assert.equal(toText((await reader.read()).value!), "c");
      assert.equal((await reader.read()).done, true);
      await reader.closed;
    },
  },
  {
    name: "the writable errors when the socket is closed",
    applies: (pattern) => pattern.keepsAll,
    run: async (stage) => {
      const { sender } = await stage.meet();
      const writer = sender.writable.getWriter();
      await writer.write("before");
      writer.closed.catch(() => {});
      await sender.close();
      const isClosed = (error: unknown): boolean =>
        error instanceof SPError && error.code === "ECLOSED";
      await assert.rejects(writer.write("after"), isClosed);
      await assert.rejects(writer.closed, isClosed);
    },
  },
  {
    name: "a chunk that is no message errors the writable, and says what was wanted",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await assert.rejects(sender.send(17 as never), { code: "EINVAL", message: /17 \(number\)/ });
      await converse(stage, sender, receiver, "unharmed");
      const writer = sender.writable.getWriter();
      writer.closed.catch(() => {});
      await assert.rejects(writer.write({} as never), { code: "EINVAL", message: /Object/ });
    },
  },
  {
    name: "a socket has the directions that its pattern has",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      assert.ok(sender.writable instanceof WritableStream);
      assert.ok(receiver.readable instanceof ReadableStream);
      assert.equal("readable" in sender, stage.pattern.answers !== "no");
      assert.equal("writable" in receiver, stage.pattern.answers !== "no");
      await attached(sender, receiver);
    },
  },
];

async function hearFrom(
  speaker: unknown,
  hearer: DuplexSocket,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  if (!(speaker instanceof DuplexSocket)) throw new TypeError("Cannot speak");
  await speaker.send("one way is still open");
  const reader = hearer.readable.getReader();
  try {
    return await reader.read();
  } finally {
    reader.releaseLock();
  }
}
