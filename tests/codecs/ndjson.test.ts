/** Lines of JSON. */

import assert from "node:assert/strict";
import { type } from "arktype";
import fc from "fast-check";
import { test } from "node:test";
import * as v from "valibot";
import { z } from "zod";
import { ndjson, type StandardSchema, toNdjson } from "../../codecs/mod.ts";
import { collect, cut, PLACES, utf8 } from "../helpers/codecs.ts";

test("values come as they were written, wherever the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), PLACES, async (values, places) => {
      const written = await collect(ReadableStream.from(values).pipeThrough(toNdjson()));
      assert.equal(written.chunks.length, values.length);
      const bytes = new Uint8Array(await new Blob(written.chunks).arrayBuffer());
      const read = await collect(ReadableStream.from(cut(bytes, places)).pipeThrough(ndjson()));
      const wanted = values.map((value) => JSON.parse(JSON.stringify(value)));
      assert.deepEqual(read, { chunks: wanted, error: undefined });
    }),
  );
});

test("blank lines are skipped, and the last line needs no newline", async () => {
  const stream = new Blob(["\ufeff1\r\n\n \t\r\n null \n[2]"]).stream();
  assert.deepEqual((await collect(stream.pipeThrough(ndjson()))).chunks, [1, null, [2]]);
});

test("a line that is not JSON ends the stream, with its number", async () => {
  const { chunks, error } = await collect(new Blob(["1\n\n2 3\n4"]).stream().pipeThrough(ndjson()));
  assert.deepEqual(chunks, [1]);
  assert.equal((error as { code?: string }).code, "EPROTO");
  assert.match(String(error), /^SPError: Cannot decode line 3 as JSON: ./);
});

test("a line that is not UTF-8 ends the stream, with its number", async () => {
  const bytes = new Uint8Array([...utf8("1\n"), 0x22, 0xff, 0x22]);
  const { error } = await collect(ReadableStream.from([bytes]).pipeThrough(ndjson()));
  assert.match(
    String(error),
    /Cannot decode line 2 as JSON: it is not UTF-8: byte 0xff at offset 1$/,
  );
});

test("a line has a limit", async () => {
  const stream = new Blob(["[1]\n[1,2,3]\n"]).stream();
  const { error } = await collect(stream.pipeThrough(ndjson(undefined, { maxLength: 5 })));
  assert.match(String(error), /Cannot read line 2: it is longer than 5 bytes/);
});

const SCHEMAS: Record<string, StandardSchema<{ id: string }, { id: number }>> = {
  zod: z.object({ id: z.string().transform(Number) }),
  valibot: v.object({ id: v.pipe(v.string(), v.transform(Number)) }),
  arktype: type({ id: "string.numeric.parse" }),
};
for (const [library, schema] of Object.entries(SCHEMAS)) {
  test(`lines are what a schema of ${library} makes of them`, async () => {
    const stream = new Blob(['{"id":"1"}\n\n{"id":2}\n']).stream();
    const { chunks, error } = await collect(stream.pipeThrough(ndjson(schema)));
    assert.deepEqual(chunks, [{ id: 1 }]);
    assert.match(String(error), /Cannot decode line 3 as JSON: it does not fit the schema: .*id/);
  });
}

test("a value that JSON cannot hold ends the stream", async () => {
  const { chunks, error } = await collect(ReadableStream.from([1, [5n]]).pipeThrough(toNdjson()));
  assert.deepEqual(chunks, [utf8("1\n")]);
  assert.match(
    String(error),
    /Cannot encode an object of type Array as JSON: \[0\] is 5 \(bigint\)$/,
  );
});

test("what is no schema, and an option that there is not, are refused", () => {
  assert.throws(() => ndjson("schema" as unknown as undefined), { code: "EINVAL" });
  assert.throws(() => ndjson(undefined, { fatal: true } as object), { code: "EINVAL" });
});
