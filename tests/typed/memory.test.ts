/** Sockets with a codec: whose memory messages are, and how much of it a stream takes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Codec, Pull, Push, Rep, Req, Respondent, Surveyor, transfer } from "../../mod.ts";
import { bytes, text } from "../../codecs/mod.ts";
import { patience } from "../conformance/stage.ts";

/** Makes each message in the same few bytes, as codecs by WebAssembly do. */
function reusing(): Codec<number> {
  const buffer = new Uint8Array(4);
  return {
    encode: (value) => {
      new DataView(buffer.buffer).setUint32(0, value);
      return buffer;
    },
    decode: ({ buffer, byteOffset }) => new DataView(buffer, byteOffset).getUint32(0),
  };
}

const SENT = Array.from({ length: 20 }, (_, i) => i);

test("a codec may make each message in the same small buffer, also of what waits", async () => {
  await using push = new Push({ codec: reusing() });
  await using pull = new Pull({ codec: reusing() });
  const writer = push.writable.getWriter();
  const sent = [
    ...SENT.map((n) => push.send(n)),
    ...SENT.map((n) => writer.write(n)),
    ...SENT.map((n) => push.send(n)),
  ];
  await pull.bind("inproc://memory-reused");
  push.connect("inproc://memory-reused");
  await Promise.all(sent);
  const taken = [];
  while (taken.length < 3 * SENT.length) taken.push(await pull.receive({ signal: patience() }));
  assert.deepEqual(taken, [...SENT, ...SENT, ...SENT]);
});

test("so may a codec of questions and answers", async () => {
  await using req = new Req({ codec: reusing() });
  await using rep = new Rep({ codec: reusing() });
  const asked = SENT.map((n) => req.request(n, { signal: patience() }));
  await rep.bind("inproc://memory-asked");
  req.connect("inproc://memory-asked");
  rep.serve(async (n) => await n);
  assert.deepEqual(await Promise.all(asked), SENT);
});

test("so may a codec of what waits in the queue of a stream", async () => {
  await using surveyor = new Surveyor({ codec: reusing(), deadline: 50 });
  await using respondent = new Respondent({ codec: reusing() });
  await surveyor.bind("inproc://memory-surveys");
  respondent.connect("inproc://memory-surveys");
  await surveyor.peers(1, { signal: patience() });
  const seen: number[] = [];
  respondent.serve((n) => void seen.push(n));
  const writer = surveyor.writable.getWriter();
  await Promise.all([1, 2, 3].map((n) => writer.write(n)));
  await writer.close();
  assert.deepEqual(seen, [1, 2, 3]);
});

test("bytes that are written through a codec are the writer's again at once", async () => {
  await using surveyor = new Surveyor({ codec: bytes(), deadline: 50 });
  await using respondent = new Respondent();
  await surveyor.bind("inproc://memory-bytes");
  respondent.connect("inproc://memory-bytes");
  await surveyor.peers(1, { signal: patience() });
  const seen: number[] = [];
  respondent.serve(([n]) => void seen.push(n!));
  const writer = surveyor.writable.getWriter();
  const message = new Uint8Array(1);
  const written = [1, 2, 3].map((n) => writer.write(message.fill(n)));
  message.fill(9);
  await Promise.all(written);
  await writer.close();
  assert.deepEqual(seen, [1, 2, 3]);
});

test("a codec may give the memory of large messages away", async () => {
  const buffer = new Uint8Array(100_000);
  const codec: Codec<number> = {
    encode: (value) => transfer(buffer.fill(value).slice()),
    decode: (message) => message.every((byte) => byte === message[0]) ? message[0]! : -1,
  };
  await using push = new Push({ codec });
  await using pull = new Pull({ codec });
  const sent = SENT.map((n) => push.send(n));
  await pull.bind("inproc://memory-given");
  push.connect("inproc://memory-given");
  await Promise.all(sent);
  const taken = [];
  while (taken.length < SENT.length) taken.push(await pull.receive({ signal: patience() }));
  assert.deepEqual(taken, SENT);
});

const LARGE = "x".repeat(256 * 1024);

for (
  const [what, open] of Object.entries({
    texts: () => [new Push({ codec: text() }), LARGE] as const,
    bytes: () => [new Push({ codec: bytes() }), new TextEncoder().encode(LARGE)] as const,
  })
) {
  test(`while nobody takes them, large ${what} are not read ahead without end`, async () => {
    const [push, large] = open();
    let read = 0;
    const source = new ReadableStream<never>({
      pull: (controller) => {
        read++;
        controller.enqueue(large as never);
      },
    }, { highWaterMark: 0 });
    const piped = source.pipeTo(push.writable as WritableStream<never>).catch(() => {});
    // Longer than it takes to read all that is ever read.
    for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    assert.ok(read >= 1 && read <= 2, `${read} were read`);
    await push.close({ linger: 0 });
    await piped;
  });
}
