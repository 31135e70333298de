/** Messages as texts: each one for itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pair, SPError, TextMessageDecoderStream } from "../../mod.ts";

/** What comes of messages, and the error that ends it. */
async function decode(
  messages: Iterable<Uint8Array>,
  stream: TextMessageDecoderStream = new TextMessageDecoderStream(),
): Promise<{ texts: string[]; error: unknown }> {
  const texts: string[] = [];
  const reader = ReadableStream.from(messages).pipeThrough(stream).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return { texts, error: undefined };
      texts.push(value);
    }
  } catch (error) {
    return { texts, error };
  }
}

function bytes(...values: (string | number[])[]): Uint8Array[] {
  return values.map((value) =>
    typeof value === "string" ? new TextEncoder().encode(value) : Uint8Array.from(value)
  );
}

test("one message is one text, an empty message an empty text", async () => {
  const { texts } = await decode(bytes("one", "", "zwölf", "", "🙂"));
  assert.deepEqual(texts, ["one", "", "zwölf", "", "🙂"]);
});

test("a character that a message breaks off does not reach into the next message", async () => {
  const { texts } = await decode(bytes([0x61, 0xc3], [0xb6], "b", [0xf0, 0x9f, 0x99], "c"));
  assert.deepEqual(texts, ["a\ufffd", "\ufffd", "b", "\ufffd", "c"]);
});

test("bad bytes are replaced within their own message", async () => {
  const { texts } = await decode(bytes("a", [0x62, 0xff, 0x63], "d"));
  assert.deepEqual(texts, ["a", "b\ufffdc", "d"]);
});

test("a byte order mark is taken off each message, or kept", async () => {
  const messages = bytes([0xef, 0xbb, 0xbf, 0x61], [0xef, 0xbb, 0xbf, 0x62], [0xef, 0xbb, 0xbf]);
  assert.deepEqual((await decode(messages)).texts, ["a", "b", ""]);
  const kept = await decode(messages, new TextMessageDecoderStream({ ignoreBOM: true }));
  assert.deepEqual(kept.texts, ["\ufeffa", "\ufeffb", "\ufeff"]);
});

for (
  const [what, message, where] of [
    ["a byte that no character begins with", [0x61, 0x62, 0xff, 0x63], "byte 0xff at offset 2"],
    ["a character broken off by another", [0xc3, 0xb6, 0xc3, 0x61], "byte 0x61 at offset 3"],
    ["an overlong form", [0xe0, 0x80, 0x80], "byte 0x80 at offset 1"],
    ["half a surrogate pair", [0x61, 0xed, 0xa0, 0x80], "byte 0xa0 at offset 2"],
    ["a character broken off by the end", [0x61, 0xf0, 0x9f], "it ends inside a character"],
  ] as const
) {
  test(`with fatal, ${what} ends the stream with an error that says so`, async () => {
    const stream = new TextMessageDecoderStream({ fatal: true });
    const { texts, error } = await decode(bytes("fine", "", [...message], "after"), stream);
    assert.deepEqual(texts, ["fine", ""]);
    assert.ok(error instanceof SPError);
    assert.equal(error.code, "EPROTO");
    assert.equal(
      error.message,
      `Cannot decode a message of ${message.length} bytes as UTF-8: ${where}`,
    );
  });
}

test("with fatal, the place of the fault is found in a message of a million bytes", async () => {
  const message = new TextEncoder().encode("ö".repeat(500_000));
  message[700_000] = 0xff;
  const { error } = await decode([message], new TextMessageDecoderStream({ fatal: true }));
  assert.match(String(error), /1000000 bytes as UTF-8: byte 0xff at offset 700000$/);
});

test("what is no message is refused by name", async () => {
  for (const wrong of ["text", new ArrayBuffer(2), undefined]) {
    const { error } = await decode([wrong as unknown as Uint8Array]);
    assert.ok(error instanceof SPError);
    assert.equal(error.code, "EINVAL");
    assert.match(error.message, /^Cannot decode .+: expected a Uint8Array$/);
  }
});

test("an option that there is not, or of a wrong type, is refused", () => {
  assert.throws(
    () => new TextMessageDecoderStream({ fatale: true } as object),
    { code: "EINVAL", message: /Unknown option "fatale"/ },
  );
  assert.throws(
    () => new TextMessageDecoderStream({ fatal: "yes" as unknown as boolean }),
    { code: "EINVAL", message: /Cannot set fatal to "yes"/ },
  );
});

test("what a socket's readable yields goes through it, the empty message as well", async () => {
  await using left = new Pair();
  await using right = new Pair();
  await left.bind("inproc://text-messages");
  right.connect("inproc://text-messages");
  for (const message of ["weather: rain", "", new Uint8Array([0xff]), "weather: sun"]) {
    await right.send(message);
  }
  const texts: string[] = [];
  for await (const text of left.readable.pipeThrough(new TextMessageDecoderStream())) {
    texts.push(text);
    if (texts.length === 4) break;
  }
  assert.deepEqual(texts, ["weather: rain", "", "\ufffd", "weather: sun"]);
});
