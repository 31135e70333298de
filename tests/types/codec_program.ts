// Codecs, with and without a schema, as others use them. It is checked, not run: `declarations.test.ts`.

import { type Pub, Pull, Push, type Req, type SPError, Sub } from "@nanostreams/nanostreams";
import {
  bytes,
  type Codec,
  json,
  lines,
  MessageDecoderStream,
  MessageEncoderStream,
  type MessageLike,
  ndjson,
  type SchemaInput,
  type SchemaOutput,
  SPError as SPErrorOfCodecs,
  text,
  toLines,
  toNdjson,
  topic,
  type Topical,
} from "@nanostreams/nanostreams/codecs";
import { cbor } from "@nanostreams/nanostreams/codecs/cbor";
import { msgpack } from "@nanostreams/nanostreams/codecs/msgpack";

interface Load {
  cpu: number;
}

/** Whether two types are the same: neither is wider. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** What a codec decodes to, and what it encodes. */
type Ends<C> = C extends Codec<infer Out, infer In> ? [Out, In] : never;

function same<A, B>(_: Same<A, B>): void {}

const message = new Uint8Array(1);

export function codecsWithoutASchema(): void {
  same<Ends<ReturnType<typeof text>>, [string, string]>(true);
  same<Ends<ReturnType<typeof bytes>>, [Uint8Array<ArrayBuffer>, MessageLike]>(true);
  const load = json<Load>();
  same<typeof load, Codec<Load>>(true);
  const anything = json();
  same<typeof anything, Codec<unknown>>(true);
  const picture = cbor<{ data: Uint8Array }>();
  same<typeof picture, Codec<{ data: Uint8Array }>>(true);
  const big = msgpack<bigint>(undefined, { useBigInt64: true });
  same<typeof big, Codec<bigint>>(true);
  load.encode({ cpu: 1 });
  const { cpu }: Load = load.decode(message);
  cpu.toFixed();
  // @ts-expect-error A load has numbers.
  load.encode({ cpu: "high" });
  // @ts-expect-error A text has no other option.
  text({ strict: true });
  // @ts-expect-error What is not known cannot be used.
  json().decode(message).cpu;
  // @ts-expect-error Without a schema there is nothing to validate.
  json<Load>(undefined, { validateOnEncode: true });
}

export function topicsHaveTheTypesOfTheirValues(): void {
  const loads = topic(json<Load>(), { separator: ": ", match: "prefix" });
  same<Ends<typeof loads>, [Topical<Load>, Topical<Load>]>(true);
  const { topic: name, value } = loads.decode(message);
  same<typeof name, string>(true);
  same<typeof value, Load>(true);
  const prefix: string = loads.prefix("cpu");
  new Sub({ subscribe: prefix });
  // @ts-expect-error A topic comes with a value.
  loads.encode({ topic: "cpu" });
  const raw = topic(bytes());
  same<Ends<typeof raw>, [Topical<Uint8Array<ArrayBuffer>>, Topical<MessageLike>]>(true);
  raw.encode({ topic: "camera", value: "text" });
}

/** Pipelines of sockets and codecs, without a cast. */
export async function streamsFitSockets(pull: Pull, push: Push, req: Req): Promise<void> {
  const loads = pull.readable.pipeThrough(new MessageDecoderStream(json<Load>()));
  same<typeof loads, ReadableStream<Load>>(true);
  await loads.pipeThrough(new MessageEncoderStream(json<Load>())).pipeTo(push.writable);
  const numbers = json<number>();
  const answers: ReadableStream<number> = new ReadableStream<number>()
    .pipeThrough(new MessageEncoderStream(numbers))
    .pipeThrough(req)
    .pipeThrough(new MessageDecoderStream(numbers));
  await answers.cancel();
  // @ts-expect-error Loads are not messages.
  await loads.pipeTo(push.writable);
}

/** Lines come from bytes, and become bytes. */
export async function linesFitSockets(
  stdin: ReadableStream<Uint8Array<ArrayBuffer>>,
  stdout: WritableStream<Uint8Array>,
): Promise<void> {
  await stdin.pipeThrough(lines({ maxLength: 80 })).pipeTo(new Push().writable);
  await new Pull().readable.pipeThrough(toLines({ lineBreaks: "escape" })).pipeTo(stdout);
  const values = stdin.pipeThrough(ndjson<Load>(undefined, { maxLength: 80 }));
  same<typeof values, ReadableStream<Load>>(true);
  await values.pipeThrough(toNdjson()).pipeTo(stdout);
  const anything = stdin.pipeThrough(ndjson());
  same<typeof anything, ReadableStream<unknown>>(true);
  // @ts-expect-error Lines are read from bytes.
  new ReadableStream<number>().pipeThrough(lines());
  // @ts-expect-error There is no such thing to do.
  toLines({ lineBreaks: "drop" });
}

/** Any object with the two functions is a codec. */
export async function codecsAreMade(pub: Pub): Promise<SPError> {
  const float: Codec<number> = {
    encode: (value) => new Float64Array([value]),
    decode: ({ buffer, byteOffset }) => new DataView(buffer, byteOffset).getFloat64(0),
  };
  await pub.send(topic(float).encode({ topic: "float", value: 1 }));
  return new SPErrorOfCodecs("EPROTO", "the same error");
}

/** A schema without a library. */
export function schemasAreMade(): void {
  const schema = {
    "~standard": {
      version: 1,
      vendor: "nobody",
      validate: (value: unknown) => ({ value: Number(value) }),
      types: undefined as { input: string; output: number } | undefined,
    },
  } as const;
  same<SchemaInput<typeof schema>, string>(true);
  same<SchemaOutput<typeof schema>, number>(true);
  const codec = json(schema);
  same<typeof codec, Codec<number, string>>(true);
}
