/** Schemas of three libraries over the codecs. */

import assert from "node:assert/strict";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { cbor } from "../../codecs/cbor.ts";
import { json, type StandardSchema } from "../../codecs/mod.ts";
import { msgpack } from "../../codecs/msgpack.ts";
import { SPError } from "../../mod.ts";
import { carry, utf8 } from "../helpers/codecs.ts";
import { describe, test } from "../helpers/flat.ts";

interface Load {
  name: string;
  load: { cpu: number }[];
}

/** The same schema by each library. */
const SCHEMAS: Record<string, StandardSchema<Load>> = {
  zod: z.object({ name: z.string(), load: z.array(z.object({ cpu: z.number() })) }),
  valibot: v.object({ name: v.string(), load: v.array(v.object({ cpu: v.number() })) }),
  arktype: type({ name: "string", load: type({ cpu: "number" }).array() }),
};

/** A text that becomes a number. */
const NUMERIC: Record<string, StandardSchema<string, number>> = {
  zod: z.string().transform(Number),
  valibot: v.pipe(v.string(), v.transform(Number)),
  arktype: type("string.numeric.parse"),
};

const FORMATS: Record<string, typeof json> = { JSON: json, CBOR: cbor, MessagePack: msgpack };

const GOOD: Load = { name: "a", load: [{ cpu: 0.5 }] };
const BAD = { name: 5, load: [{ cpu: 0.5 }, { cpu: "high" }] };

for (const [library, schema] of Object.entries(SCHEMAS)) {
  describe(library, () => {
    for (const [format, codec] of Object.entries(FORMATS)) {
      test(`a value in ${format} that fits comes through`, () => {
        assert.deepEqual(carry(codec(schema), GOOD), GOOD);
      });

      test(`a value in ${format} that does not fit is refused, with the path of each issue`, () => {
        const message = codec().encode(BAD);
        const bytes = typeof message === "string"
          ? utf8(message)
          : message as Uint8Array<ArrayBuffer>;
        assert.throws(() => codec(schema).decode(bytes), (error) => {
          assert.ok(error instanceof SPError);
          assert.equal(error.code, "EPROTO");
          const start = `Cannot decode a message as ${format}: it does not fit the schema: `;
          assert.ok(error.message.startsWith(start), error.message);
          assert.match(error.message, /\bname: .+; load\[1\]\.cpu: |\bload\[1\]\.cpu: .+; name: /);
          assert.equal((error.cause as unknown[]).length, 2);
          return true;
        });
      });
    }

    test("a value is decoded to what the schema makes of it", () => {
      const codec = json(NUMERIC[library]!);
      assert.equal(codec.encode("12"), '"12"');
      assert.equal(carry(codec, "12"), 12);
    });

    test("a value is not validated when it is encoded, unless that is asked for", () => {
      const bad = BAD as unknown as Load;
      assert.equal(json(schema).encode(bad), JSON.stringify(BAD));
      assert.throws(() => json(schema, { validateOnEncode: true }).encode(bad), {
        code: "EINVAL",
        message: /^Cannot encode a value as JSON: it does not fit the schema: /,
      });
      const numeric = json(NUMERIC[library]!, { validateOnEncode: true });
      assert.equal(numeric.encode("12"), '"12"');
    });
  });
}

test("a schema that validates asynchronously is refused, and its rejection ends nothing", () => {
  const schemas: StandardSchema<string>[] = [
    z.string().refine(() => Promise.resolve(true)),
    v.pipeAsync(v.string(), v.checkAsync(() => Promise.resolve(true))),
    { "~standard": { version: 1, validate: () => Promise.reject(new Error("later")) } },
  ];
  for (const schema of schemas) {
    assert.throws(() => json(schema).decode(utf8('"x"')), {
      code: "ENOTSUP",
      message: /^Cannot use a schema that validates asynchronously: a codec is synchronous/,
    });
  }
});

test("a schema that throws refuses the message", () => {
  const validate = (): never => {
    throw new Error("broken");
  };
  assert.throws(() => json({ "~standard": { version: 1, validate } }).decode(utf8("1")), {
    code: "EPROTO",
    message: "Cannot decode a message as JSON: the schema threw: broken",
  });
});

test("many issues are counted, and none brings control characters", () => {
  const issues = Array.from({ length: 7 }, (_, n) => ({
    message: `bad\n${n}`,
    path: [{ key: "a\u001b" }, n],
  }));
  const schema: StandardSchema = { "~standard": { version: 1, validate: () => ({ issues }) } };
  assert.throws(() => json(schema).decode(utf8("1")), {
    message: /: a\\u001b\[0\]: bad\\u000a0; .*; a\\u001b\[4\]: bad\\u000a4; and 2 more$/,
  });
});

test("what is no schema is refused, and so are options that there are not", () => {
  for (const wrong of [null, {}, "string", (): boolean => true]) {
    assert.throws(() => json(wrong as unknown as StandardSchema), {
      code: "EINVAL",
      message: /^Cannot use .+ as a schema: expected a Standard Schema/,
    });
  }
  for (const codec of [json, cbor, msgpack]) {
    assert.throws(() => codec(z.string(), { validate: true } as object), {
      code: "EINVAL",
      message: /^Unknown option "validate"/,
    });
  }
});
