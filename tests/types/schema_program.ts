// Codecs with schemas of three libraries. It is checked, not run: `declarations.test.ts`.

import {
  type Codec,
  json,
  MessageDecoderStream,
  MessageEncoderStream,
  ndjson,
  type StandardSchema,
  topic,
  type Topical,
  type TopicCodec,
} from "@nanostreams/nanostreams/codecs";
import { cbor } from "@nanostreams/nanostreams/codecs/cbor";
import { msgpack } from "@nanostreams/nanostreams/codecs/msgpack";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";

type Load = { cpu: number };

/** Whether two types are the same: neither is wider. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

function same<A, B>(_: Same<A, B>): void {}

/** The interface of the specification is taken, and ours is no other. */
export function schemasAreOfTheSpecification<In, Out>(
  theirs: StandardSchemaV1<In, Out>,
): Codec<unknown, unknown> {
  const ours: StandardSchema<In, Out> = theirs;
  return json(ours);
}

export function codecsOfZod(message: Uint8Array<ArrayBuffer>): void {
  const load = z.object({ cpu: z.number() });
  const codecs = [json(load), cbor(load), msgpack(load, { useBigInt64: true })] as const;
  same<(typeof codecs)[0], Codec<Load>>(true);
  same<(typeof codecs)[1], Codec<Load>>(true);
  same<(typeof codecs)[2], Codec<Load>>(true);
  const parsed = json(z.object({ id: z.string().transform(Number) }), { validateOnEncode: true });
  same<typeof parsed, Codec<{ id: number }, { id: string }>>(true);
  parsed.decode(message).id.toFixed();
  // @ts-expect-error What is sent is what the schema accepts.
  parsed.encode({ id: 5 });
}

export function codecsOfValibot(message: Uint8Array<ArrayBuffer>): void {
  const load = v.object({ cpu: v.number() });
  const codecs = [json(load), cbor(load), msgpack(load)] as const;
  same<(typeof codecs)[0], Codec<Load>>(true);
  same<(typeof codecs)[1], Codec<Load>>(true);
  same<(typeof codecs)[2], Codec<Load>>(true);
  const parsed = json(v.object({ id: v.pipe(v.string(), v.transform(Number)) }));
  same<typeof parsed, Codec<{ id: number }, { id: string }>>(true);
  parsed.decode(message).id.toFixed();
  // @ts-expect-error What is sent is what the schema accepts.
  parsed.encode({ id: 5 });
}

export function codecsOfArktype(message: Uint8Array<ArrayBuffer>): void {
  const load = type({ cpu: "number" });
  const codecs = [json(load), cbor(load), msgpack(load)] as const;
  same<(typeof codecs)[0], Codec<Load>>(true);
  same<(typeof codecs)[1], Codec<Load>>(true);
  same<(typeof codecs)[2], Codec<Load>>(true);
  const parsed = json(type({ id: "string.numeric.parse" }));
  same<typeof parsed, Codec<{ id: number }, { id: string }>>(true);
  parsed.decode(message).id.toFixed();
  // @ts-expect-error What is sent is what the schema accepts.
  parsed.encode({ id: 5 });
}

export function schemasGoThroughTopicsAndStreams(stdin: ReadableStream<Uint8Array>): void {
  const loads = topic(json(z.object({ cpu: z.coerce.number<string>() })));
  same<typeof loads, TopicCodec<Load, { cpu: string }>>(true);
  const decoder = new MessageDecoderStream(loads);
  same<typeof decoder.readable, ReadableStream<Topical<Load>>>(true);
  const encoder = new MessageEncoderStream(loads);
  same<typeof encoder.writable, WritableStream<Topical<{ cpu: string }>>>(true);
  const values = stdin.pipeThrough(ndjson(type({ cpu: "number" })));
  same<typeof values, ReadableStream<Load>>(true);
}
