/** Whose memory it is that messages come in. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { FrameDecoderStream, FrameEncoderStream, Pull, Push } from "../../mod.ts";
import { patience } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

after(leaveTransports);

/** One is small enough to be copied anyway, one so large that it is handed on as it is. */
const SIZES = [5, 100_000];

function sharedBytes(size: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(size)).fill(7);
}

/** Throws unless the platform's APIs take the message, which refuse shared memory. */
async function assertPlain(message: Uint8Array<ArrayBuffer>, size: number): Promise<void> {
  assert.ok(message.buffer instanceof ArrayBuffer, `${size} bytes came in shared memory`);
  const bytes = new Uint8Array(await new Blob([message]).arrayBuffer());
  assert.deepEqual(bytes, new Uint8Array(size).fill(7));
}

for (const { name, open } of TRANSPORTS) {
  test(`a message from shared memory comes over ${name} in memory of its own`, async () => {
    await using place = await open();
    await using push = new Push();
    await using pull = new Pull();
    await place.listen(pull);
    place.dial(push);
    for (const size of SIZES) {
      await push.send(sharedBytes(size), { signal: patience() });
      await assertPlain(await pull.receive({ signal: patience() }), size);
    }
  });
}

test("framing streams take shared memory in, and give memory of their own out", async () => {
  for (const size of SIZES) {
    const encoder = new FrameEncoderStream();
    const writer = encoder.writable.getWriter();
    const written = writer.write(sharedBytes(size)).then(() => writer.close());
    const toShared = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        assert.ok(chunk.buffer instanceof ArrayBuffer);
        const shared = new Uint8Array(new SharedArrayBuffer(chunk.length));
        shared.set(chunk);
        controller.enqueue(shared);
      },
    });
    const decoded = encoder.readable.pipeThrough(toShared).pipeThrough(new FrameDecoderStream());
    const { value } = await decoded.getReader().read();
    await assertPlain(value!, size);
    await written;
  }
});
