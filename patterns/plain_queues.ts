import { ReceiveQueue } from "../src/pipes/receive_queue.ts";
import { unchanged } from "../src/pipes/receive_options.ts";
import { keepMessage, type MessageLike, type Outgoing, toBytes } from "../src/memory/message.ts";
import { oneOf, type ReceiveOptions, type Rule, type SendOptions } from "../src/surface/options.ts";
import { SendQueue } from "../src/pipes/send_queue.ts";
import type { Router } from "../src/pipes/routing.ts";
import { DEFAULT_RECEIVE_BUFFER } from "../src/socket/socket.ts";

/** The way in of a pattern whose messages are handed on as they come. */
export function plainReceiveQueue(
  options: ReceiveOptions,
  how: { readonly prefetch?: boolean } = {},
): ReceiveQueue<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new ReceiveQueue({
    receiveBuffer: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
    receiveTimeout: options.receiveTimeout ?? Infinity,
    size: (message) => message.length,
    take: unchanged,
    ...how,
  });
}

/** The way out of a pattern whose messages are sent as they are given. */
export function plainSendQueue(
  router: Router,
  options: SendOptions,
): SendQueue<MessageLike, Outgoing> {
  return new SendQueue({
    router,
    prepare: toBytes,
    keep: keepMessage,
    sendTimeout: options.sendTimeout ?? Infinity,
  });
}

/** Rule of the option `overflow`. */
export const OVERFLOW: Rule = oneOf("drop-oldest", "drop-newest", "block");
