import { checkOptions } from "../src/base/check_options.ts";
import { describe } from "../src/base/describe.ts";
import { SPError } from "../src/base/errors.ts";
import { oneOf, type Rule } from "../src/base/rules.ts";
import { decodeUtf8 } from "../src/base/utf8.ts";
import type { Codec } from "../src/contracts/codec.ts";
import { toBytes } from "../src/memory/message.ts";
import { checkCodec } from "./failure.ts";

/** A value, and the topic that it is published under. */
export interface Topical<Value> {
  /** The topic: what subscriptions are compared with. */
  topic: string;
  /** The value, which the codec within {@linkcode topic} encodes and decodes. */
  value: Value;
}

/** Options of {@linkcode topic}. */
export interface TopicOptions {
  /**
   * What stands between the topic and the value; default `" "`, as people write by hand, and tools such as nanocat show
   * readably. Any text but the empty one. No topic may contain it.
   */
  separator?: string;
  /**
   * What `subscribe("cpu.1")` means: the topic `cpu.1` alone (`"whole"`, the default), or every topic that begins with it,
   * `cpu.10` too (`"prefix"`).
   *
   * With `"whole"`, `subscribe("")` is still every topic, and bytes are taken as they are: `subscribe(new
   * TextEncoder().encode("cpu."))` is every topic that begins with `cpu.`.
   */
  match?: "whole" | "prefix";
}

/** What {@linkcode topic} returns: a codec that makes the prefixes of subscriptions, too. */
export interface TopicCodec<Out, In = Out> extends Codec<Topical<Out>, Topical<In>> {
  /**
   * Makes the prefix to subscribe to of a topic. Throws `EINVAL` if the topic contains the separator, where whole topics are
   * matched.
   */
  prefix(topic: string): string;
}

/**
 * Messages as a topic and a value, for PUB and SUB: the topic as UTF-8, a separator, and what another codec makes of the value.
 *
 * A subscription is a prefix of bytes on the wire, so that `subscribe("cpu.1")` of a socket without this codec gets `cpu.10`
 * as well. Here it gets `cpu.1` alone, unless `match` says otherwise. Others write and read the same by hand: `cpu.1 0.5`.
 *
 * @typeParam Out What values are decoded into.
 * @typeParam In What values are encoded from.
 * @param codec What encodes and decodes the value. What its `decode` is given is a view of the message, without the topic.
 * @param options The separator, and what a subscription means.
 * @returns A codec. `encode` throws `EINVAL` if the topic contains the separator. `decode` throws `EPROTO` if a message has no
 * separator, or its topic is not UTF-8. Both throw what the codec within throws.
 * @throws {SPError} `EINVAL` if the codec is none, or an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { json, topic } from "@nanostreams/nanostreams/codecs";
 *
 * const codec = topic(json<number>());
 * console.log(codec.encode({ topic: "cpu.1", value: 0.5 })); // "cpu.1 0.5"
 * console.log(codec.decode(new TextEncoder().encode("cpu.10 0.25"))); // { topic: "cpu.10", value: 0.25 }
 * console.log(JSON.stringify(codec.prefix("cpu.1"))); // "cpu.1 "
 * ```
 */
export function topic<Out, In = Out>(
  codec: Codec<Out, In>,
  options: TopicOptions = {},
): TopicCodec<Out, In> {
  checkCodec(codec, "encode", "decode");
  checkOptions("the options of topic", options, { separator: SEPARATOR, match: MATCH });
  const { separator = " ", match = "whole" } = options;
  const mark = encoder.encode(separator);

  /** A topic as it begins a message. */
  const begin = (topic: string): string => {
    if (typeof topic !== "string") {
      throw new SPError("EINVAL", `Cannot use ${describe(topic)} as a topic: expected a string`);
    }
    // Not `includes`: the end of a topic may be the beginning of a separator.
    const beginning = topic + separator;
    if (beginning.indexOf(separator) === topic.length) return beginning;
    const what = `Cannot use ${describe(topic)} as a topic`;
    throw new SPError("EINVAL", `${what}: it contains the separator, ${describe(separator)}`);
  };

  return {
    encode(topical) {
      if (typeof topical !== "object" || topical === null) {
        const what = `Cannot encode ${describe(topical)} under a topic`;
        throw new SPError("EINVAL", `${what}: expected { topic, value }`);
      }
      const { topic, value } = topical;
      const beginning = begin(topic);
      const message = codec.encode(value);
      return typeof message === "string"
        ? beginning + message
        : join(encoder.encode(beginning), toBytes(message));
    },
    decode(message) {
      const end = find(message, mark);
      if (end < 0) {
        const what = `Cannot decode a message of ${message.length} bytes`;
        const wanted = `no separator, ${describe(separator)}, ends its topic`;
        throw new SPError("EPROTO", `${what}: ${wanted}`);
      }
      const topic = decodeUtf8(decoder, message.subarray(0, end));
      return { topic, value: codec.decode(message.subarray(end + mark.length)) };
    },
    prefix: (topic) => topic === "" || match === "prefix" ? topic : begin(topic),
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const SEPARATOR: Rule = (value) =>
  typeof value === "string" && value !== "" ? undefined : "a string that is not empty";
const MATCH: Rule = oneOf("whole", "prefix");

function join(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/** Where a mark begins in bytes; -1 if it is not there. */
function find(bytes: Uint8Array, mark: Uint8Array): number {
  const first = mark[0]!;
  let at = bytes.indexOf(first);
  while (at >= 0 && !mark.every((byte, index) => byte === bytes[at + index])) {
    at = bytes.indexOf(first, at + 1);
  }
  return at;
}
