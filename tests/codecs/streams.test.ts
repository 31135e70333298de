/** Codecs as streams, beside sockets. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bytes,
  json,
  MessageDecoderStream,
  MessageEncoderStream,
  text,
  topic,
} from "../../codecs/mod.ts";
import { Pair, Rep, Req } from "../../mod.ts";
import { asReceived, collect, utf8 } from "../helpers/codecs.ts";

test("values go through two sockets as messages, each by itself", async () => {
  const codec = topic(json<unknown>());
  await using left = new Pair();
  await using right = new Pair();
  await left.bind("inproc://values");
  right.connect("inproc://values");
  const values = [null, "", [1, { a: "ö" }], {}].map((value, n) => ({ topic: `t${n}`, value }));
  const sent = ReadableStream.from(values)
    .pipeThrough(new MessageEncoderStream(codec))
    .pipeTo(right.writable);
  const received: unknown[] = [];
  for await (const value of left.readable.pipeThrough(new MessageDecoderStream(codec))) {
    received.push(value);
    if (received.length === values.length) break;
  }
  assert.deepEqual(received, values);
  await sent;
});

test("a REQ between an encoder and a decoder turns questions into answers", async () => {
  await using rep = new Rep();
  await rep.bind("inproc://doubled");
  const numbers = json<number>();
  const served = rep.serve((question) => numbers.encode(numbers.decode(question) * 2));
  await using req = new Req();
  req.connect("inproc://doubled");
  const answers = ReadableStream.from([1, 2, 3])
    .pipeThrough(new MessageEncoderStream(numbers))
    .pipeThrough(req)
    .pipeThrough(new MessageDecoderStream(numbers));
  assert.deepEqual(await collect(answers), { chunks: [2, 4, 6], error: undefined });
  await rep.close();
  await served;
});

test("a message that cannot be decoded ends the stream with the codec's error", async () => {
  const messages = ["[1]", "[2", "[3]"].map((message) => asReceived(utf8(message)));
  const { chunks, error } = await collect(
    ReadableStream.from(messages).pipeThrough(new MessageDecoderStream(json())),
  );
  assert.deepEqual(chunks, [[1]]);
  assert.match(String(error), /^SPError: Cannot decode a message as JSON: /);
});

test("a value that cannot be encoded ends the stream with the codec's error", async () => {
  const { chunks, error } = await collect(
    ReadableStream.from([1, undefined, 3]).pipeThrough(new MessageEncoderStream(json())),
  );
  assert.deepEqual(chunks, ["1"]);
  assert.match(String(error), /Cannot encode undefined as JSON/);
});

test("a chunk that is no message is refused by name", async () => {
  const chunks = ReadableStream.from(["text"]) as ReadableStream<unknown>;
  const decoder = new MessageDecoderStream(text());
  const { error } = await collect(
    (chunks as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(decoder),
  );
  assert.match(String(error), /Cannot decode "text": expected a Uint8Array/);
});

test("what is decoded to null or undefined is a chunk as others are", async () => {
  const decoder = new MessageDecoderStream({ decode: (): undefined => undefined });
  const messages = ReadableStream.from([new Uint8Array(1), new Uint8Array(0)]);
  assert.deepEqual((await collect(messages.pipeThrough(decoder))).chunks, [undefined, undefined]);
});

test("bytes go through as they are", async () => {
  const message = asReceived(utf8("message"));
  const stream = ReadableStream.from([message]).pipeThrough(new MessageEncoderStream(bytes()));
  assert.equal((await collect(stream)).chunks[0], message);
});

test("what is no codec is refused at once, by name", () => {
  for (
    const [Stream, part] of [[MessageEncoderStream, "encode"], [
      MessageDecoderStream,
      "decode",
    ]] as const
  ) {
    for (const [wrong, shown] of [[json, "the function json"], [undefined, "undefined"]] as const) {
      assert.throws(() => new Stream(wrong as never), {
        code: "EINVAL",
        message: `Cannot use ${shown} as a codec: expected an object with the function ${part}`,
      });
    }
  }
});
