import type { PipeQueueSource } from "./fair_queue.ts";
import type { PeerInfo } from "../surface/peer.ts";
import { WAIT_RULES, type WaitOptions } from "../base/wait.ts";
import { checkOptions } from "../surface/options.ts";

/** How a pattern wants its messages handed out. */
export interface ReceiveQueueOptions<In, Out> {
  /**
   * What whoever takes a message gets of it; called in the order in which messages are handed out. Throws `Undecodable` where
   * nothing can be made of it: it is dropped, and the next one is taken.
   */
  readonly take: (item: In) => Out;
  /** A message's size in bytes. */
  readonly size: (item: In) => number;
  /** Whether messages may be handed to the stream ahead of its reader. */
  readonly prefetch?: boolean;
  /** Bytes that wait for the reader before the pipes stop reading. */
  readonly receiveBuffer: number;
  /** How long `receive` waits, in milliseconds. */
  readonly receiveTimeout: number;
  /** Whether a pipe whose outbound queue is full is passed over. */
  readonly gated?: boolean;
  /** Asked before `receive` waits: throws if nothing can ever come. */
  readonly check?: () => void;
  /** Tells an item in whose place there is no message, but an error for whoever would take it. */
  readonly failure?: (item: In) => Failure | undefined;
  /** How the stream's readers take messages, where that is another way than that of the calls. */
  readonly takeFromStream?: (item: In) => Out;
  /** Whose a message is, where that is not whoever has delivered it. */
  readonly sourceOf?: (item: In) => Pick<PipeQueueSource, "peer" | "drop">;
}

/** A message, and whose it is. */
export interface ReceivedMessage<Message = Uint8Array<ArrayBuffer>> {
  /** What was sent. */
  readonly message: Message;
  /** Who has sent it; behind a device, that is the device. */
  readonly peer: PeerInfo;
}

/** Why there is no message. */
export interface Failure {
  readonly reason: unknown;
}

/** The most messages in one batch. */
export const LARGEST_BATCH = 4096;

/** The way to take messages that are handed out as they are. */
export function unchanged<T>(item: T): T {
  return item;
}

/** Checks the options of a call to `receive`. Returns the call's rejection if they are wrong or its signal is aborted. */
export function checkReceive(options: WaitOptions | undefined): Promise<never> | undefined {
  if (options === undefined) return undefined;
  try {
    checkOptions("receive's options", options, WAIT_RULES);
    options.signal?.throwIfAborted();
    return undefined;
  } catch (error) {
    return Promise.reject(error);
  }
}
