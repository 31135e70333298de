import type { ReceivedMessage } from "../receiving/receive_options.ts";
import type { WaitOptions } from "../base/wait.ts";

/**
 * What can receive messages: every socket but PUSH, SOURCE and PUB. For functions that receive and need not know the
 * pattern.
 *
 * A raw socket is a `Receiver<RawMessage>`. Where a function also binds or closes the socket, ask for `Receiver & Socket`.
 *
 * @example
 * ```ts
 * import { Pair, Pull, type Receiver } from "@nanostreams/nanostreams";
 *
 * async function printAll(from: Receiver): Promise<void> {
 *   for await (const message of from) console.log(new TextDecoder().decode(message));
 * }
 *
 * const pair = new Pair();
 * const pull = new Pull();
 * const printed = [printAll(pair), printAll(pull)];
 * await Promise.all([pair.close(), pull.close()]);
 * await Promise.all(printed);
 * ```
 */
export interface Receiver<Message = Uint8Array<ArrayBuffer>> extends AsyncIterable<Message> {
  /** The messages that come, as a stream. */
  readonly readable: ReadableStream<Message>;
  /** Takes the next message. */
  receive(options?: WaitOptions): Promise<Message>;
  /** Takes all messages that have come, in order; waits for the first. */
  receiveBatch(options?: WaitOptions): Promise<Message[]>;
  /** Takes message after message, each with who has sent it. */
  messages(): AsyncIterableIterator<ReceivedMessage<Message>>;
}
