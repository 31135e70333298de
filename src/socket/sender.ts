import type { MessageLike } from "../memory/message.ts";
import type { WaitOptions } from "../base/wait.ts";

/**
 * What can send messages: every socket but PULL, SINK and SUB. For functions that send and need not know the pattern.
 *
 * A raw socket is a `Sender<RawMessageLike>`. Where a function also connects or closes the socket, ask for `Sender & Socket`.
 *
 * @example
 * ```ts
 * import { Pair, Push, type Sender } from "@nanostreams/nanostreams";
 *
 * async function sendAll(to: Sender, messages: string[]): Promise<void> {
 *   for (const message of messages) await to.send(message);
 * }
 *
 * await using pair = new Pair();
 * await using push = new Push();
 * await Promise.all([sendAll(pair, []), sendAll(push, [])]);
 * ```
 */
export interface Sender<Message = MessageLike> {
  /** Messages to send, as a stream. */
  readonly writable: WritableStream<Message>;
  /** Sends one message. Resolves when it has a place in a queue. */
  send(message: Message, options?: WaitOptions): Promise<void>;
}
