import { ReceiveQueue } from "../src/receiving/receive_queue.ts";
import { unchanged } from "../src/receiving/receive_options.ts";
import { keepMessage, type MessageLike, type Outgoing } from "../src/memory/message.ts";
import { oneOf, type ReceiveOptions, type Rule, type SendOptions } from "../src/surface/options.ts";
import { SendQueue } from "../src/pipes/send_queue.ts";
import type { Codec } from "../src/contracts/codec.ts";
import { decodingOf, encodingOf } from "../src/surface/codec.ts";
import type { Router } from "../src/pipes/routing.ts";
import { DEFAULT_RECEIVE_BUFFER } from "../src/socket/socket.ts";

/** The way in of a pattern whose messages are handed on as they come. */
export function plainReceiveQueue<Message = Uint8Array<ArrayBuffer>>(
  options: ReceiveOptions & { readonly codec?: Codec<Message, never> },
  how: { readonly prefetch?: boolean } = {},
): ReceiveQueue<Uint8Array<ArrayBuffer>, Message> {
  return new ReceiveQueue({
    receiveBuffer: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
    receiveTimeout: options.receiveTimeout ?? Infinity,
    size: (message) => message.length,
    take: decodingOf(options.codec) ?? unchanged as (message: unknown) => Message,
    ...how,
  });
}

/** The way out of a pattern whose messages are sent as they are given. */
export function plainSendQueue<Chunk = MessageLike>(
  router: Router,
  options: SendOptions & { readonly codec?: Codec<unknown, Chunk> },
): SendQueue<Chunk, Outgoing> {
  return new SendQueue({
    router,
    ...encodingOf(options.codec),
    keep: keepMessage,
    sendTimeout: options.sendTimeout ?? Infinity,
  });
}

/** Rule of the option `overflow`. */
export const OVERFLOW: Rule = oneOf("drop-oldest", "drop-newest", "block");
