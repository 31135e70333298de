/** Lines out of bytes, and back. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { lines, type MessageLike, toLines, type ToLinesOptions } from "../../codecs/mod.ts";
import { collect, cut, PLACES, TEXT, utf8 } from "../helpers/codecs.ts";

/** The lines of bytes that are cut into chunks. */
function read(
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
  options?: Parameters<typeof lines>[0],
): Promise<{ chunks: string[]; error: unknown }> {
  return collect(ReadableStream.from(chunks).pipeThrough(lines(options)));
}

/** What messages are written as. */
async function write(
  messages: Iterable<MessageLike>,
  options?: ToLinesOptions,
): Promise<{ text: string; chunks: Uint8Array<ArrayBuffer>[]; error: unknown }> {
  const { chunks, error } = await collect(
    ReadableStream.from(messages).pipeThrough(toLines(options)),
  );
  const text = new TextDecoder().decode(new Uint8Array(await new Blob(chunks).arrayBuffer()));
  return { text, chunks, error };
}

for (
  const [text, wanted] of [
    ["", []],
    ["\n", [""]],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\nb", ["a", "b"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["\n\r\n\n", ["", "", ""]],
    ["a\rb\r\r\nc\r", ["a\rb\r", "c\r"]],
    ["\ufeffzwölf\n\ufeff🙂", ["zwölf", "\ufeff🙂"]],
  ] as const
) {
  test(`the lines of ${JSON.stringify(text)}, wherever it is cut`, async () => {
    const whole = utf8(text);
    for (let at = 0; at <= whole.length; at++) {
      assert.deepEqual(await read(cut(whole, [at])), { chunks: [...wanted], error: undefined });
    }
    assert.deepEqual((await read(cut(whole, [...whole.keys()]))).chunks, [...wanted]);
  });
}

test("lines come as they were written, wherever the bytes are cut", async () => {
  const line = TEXT.filter((text) => !/\n|\r$/.test(text));
  await fc.assert(fc.asyncProperty(fc.array(line), PLACES, async (messages, places) => {
    // A byte order mark at the very beginning is taken for the file's.
    fc.pre(messages[0]?.startsWith("\ufeff") !== true);
    const { chunks, error } = await write(messages);
    assert.equal(error, undefined);
    const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
    assert.deepEqual(await read(cut(bytes, places)), { chunks: messages, error: undefined });
  }));
});

test("a line as long as the limit is read, with either end, and a longer one is refused", async () => {
  for (const end of ["", "\n", "\r\n"]) {
    const bytes = utf8(`one\n12345${end}`);
    for (const places of [[], [...bytes.keys()]]) {
      const { chunks } = await read(cut(bytes, places), { maxLength: 5 });
      assert.deepEqual(chunks, ["one", "12345"]);
      const { error } = await read(cut(bytes, places), { maxLength: 4 });
      assert.equal((error as { code?: string }).code, "EMSGSIZE");
      assert.match(String(error), /Cannot read line 2: it is longer than 4 bytes/);
    }
  }
});

test("bytes without a newline end the stream when they pass the limit, and are not kept", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(64 * 1024).fill(0x61));
    },
  });
  const { chunks, error } = await collect(endless.pipeThrough(lines()));
  assert.deepEqual(chunks, []);
  assert.match(String(error), /Cannot read line 1: it is longer than 1048576 bytes/);
  assert.ok(pulled < 24, `${pulled} chunks were read`);
});

test("a line that is not UTF-8 is refused by its number, or repaired", async () => {
  const chunks = [utf8("fine\n"), new Uint8Array([0x61, 0xff, 0x0a]), utf8("after\n")];
  const { chunks: before, error } = await read(chunks);
  assert.deepEqual(before, ["fine"]);
  assert.equal((error as { code?: string }).code, "EPROTO");
  assert.match(String(error), /Cannot decode line 2 as UTF-8: byte 0xff at offset 1$/);
  const repaired = await read(chunks, { fatal: false });
  assert.deepEqual(repaired.chunks, ["fine", "a\ufffd", "after"]);
});

test("a chunk that is not bytes is refused by name", async () => {
  const chunks = ["text"] as unknown as Uint8Array<ArrayBuffer>[];
  assert.match(
    String((await read(chunks)).error),
    /Cannot read "text" as lines: expected a Uint8Array/,
  );
});

test("every message becomes one line, a chunk each", async () => {
  const { text, chunks } = await write(["a", "", utf8("b"), new Uint8Array([0xc3, 0xb6]).buffer]);
  assert.equal(text, "a\n\nb\nö\n");
  assert.equal(chunks.length, 4);
});

test("a message that would not be one line is refused by its number", async () => {
  for (
    const [message, reason] of [
      ["x\ny", "it contains a newline at offset 1"],
      ["\n", "it contains a newline at offset 0"],
      ["x\r", "it ends with a carriage return"],
    ] as const
  ) {
    const { text, error } = await write(["fine\rfine", message, "after"]);
    assert.equal(text, "fine\rfine\n");
    assert.equal((error as { code?: string }).code, "EINVAL");
    assert.ok(
      String(error).includes(`Cannot write message 2 as a line: ${reason};`),
      String(error),
    );
  }
});

test("escaped, every message is one line that says what it was", async () => {
  await fc.assert(fc.asyncProperty(TEXT, async (message) => {
    const { text } = await write([message], { lineBreaks: "escape" });
    const line = text.slice(0, -1);
    assert.doesNotMatch(line, /[\n\r]/);
    const letters: Record<string, string> = { n: "\n", r: "\r", "\\": "\\" };
    assert.equal(line.replaceAll(/\\(.)/g, (_, letter: string) => letters[letter]!), message);
  }));
  assert.equal((await write(["a\\\r\nö"], { lineBreaks: "escape" })).text, "a\\\\\\r\\nö\n");
});

test("kept, a message may be several lines", async () => {
  assert.equal((await write(["a\nb\r", "c"], { lineBreaks: "keep" })).text, "a\nb\r\nc\n");
});

test("options that there are not, or of a wrong type, are refused", () => {
  assert.throws(() => lines({ maxLine: 5 } as object), { code: "EINVAL" });
  assert.throws(() => lines({ maxLength: -1 }), { code: "EINVAL" });
  assert.throws(() => toLines({ lineBreaks: "drop" } as unknown as ToLinesOptions), {
    code: "EINVAL",
    message: /expected "refuse" or "escape" or "keep"/,
  });
});
