/* The queues of ZMTP's sockets: as SP's, but a message is frames, and marks are messages too. */
import { Ring } from "../../src/base/ring.ts";
import type { ProtocolHost } from "../../src/contracts/protocol.ts";
import { MESSAGE_OVERHEAD } from "../../src/receiving/fair_queue.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { ReceiveQueue } from "../../src/receiving/receive_queue.ts";
import { unchanged } from "../../src/receiving/receive_options.ts";
import type { Router } from "../../src/pipes/routing.ts";
import { SendQueue } from "../../src/pipes/send_queue.ts";
import { DEFAULT_RECEIVE_BUFFER, DEFAULT_SEND_BUFFER } from "../../src/socket/socket.ts";
import type { ZmtpBalanceOptions, ZmtpReceiveOptions, ZmtpSendOptions } from "../options.ts";
import {
  costOfFrames,
  type Frames,
  type FramesLike,
  keepFrames,
  type OutgoingFrames,
  sizeOfFrames,
  toFrames,
} from "../wire/frames.ts";

/** The way in of a pattern whose messages are handed on as they come. */
export function framesIn(
  options: ZmtpReceiveOptions,
  how: { readonly prefetch?: boolean } = {},
): ReceiveQueue<Frames, Frames> {
  const { receiveBuffer = DEFAULT_RECEIVE_BUFFER, receiveTimeout = Infinity } = options;
  return new ReceiveQueue({
    receiveBuffer,
    receiveTimeout,
    size: costWith(options),
    take: unchanged,
    ...how,
  });
}

/** What a message costs a queue: so much at least that the mark in messages is reached with the buffer. */
export function costWith(options: ZmtpReceiveOptions): (message: Frames) => number {
  const { receiveBuffer = DEFAULT_RECEIVE_BUFFER, receiveHighWaterMark = Infinity } = options;
  const least = Math.ceil(receiveBuffer / receiveHighWaterMark) - MESSAGE_OVERHEAD;
  return least <= 0 ? costOfFrames : (message) => Math.max(costOfFrames(message), least);
}

/** The way out of a pattern whose messages are sent as they are given. */
export function framesOut(
  router: Router<OutgoingFrames>,
  options: ZmtpSendOptions,
  onWait?: () => void,
): SendQueue<FramesLike, OutgoingFrames> {
  return new SendQueue({
    router,
    prepare: toFrames,
    keep: keepFrames,
    sendTimeout: options.sendTimeout ?? Infinity,
    ...(onWait && { onWait }),
  });
}

/**
 * The way out of a pattern that sends each message to one peer: messages wait here while there is none. With it, the part of the protocol
 * that tells when they have to wait longer.
 */
export function balancedOut(
  router: Router<OutgoingFrames>,
  options: ZmtpBalanceOptions & ZmtpSendOptions,
): { sendQueue: SendQueue<FramesLike, OutgoingFrames>; opened: (host: ProtocolHost) => void } {
  const teller = new Teller();
  const holding = new Holding(router, options);
  const sendQueue = framesOut(holding, options, () => teller.waits(holding.hasPeers));
  return { sendQueue, opened: teller.opened };
}

/**
 * Keeps messages while there is no peer, as far as the marks permit, and has another router send them, the oldest first, once somebody
 * comes. With peers that have no room, `send` waits.
 */
export class Holding implements Router<OutgoingFrames> {
  readonly #router: Router<OutgoingFrames>;
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #held: Ring<OutgoingFrames> = new Ring();
  #heldBytes = 0;
  #peers = 0;

  /** @param router Knows the peers. @param options The marks. */
  constructor(router: Router<OutgoingFrames>, options: ZmtpBalanceOptions) {
    this.#router = router;
    this.#most = options.immediate === true ? 0 : options.sendHighWaterMark ?? Infinity;
    this.#mostBytes = options.sendBuffer ?? DEFAULT_SEND_BUFFER;
  }

  /** Whether anybody is there. */
  get hasPeers(): boolean {
    return this.#peers > 0;
  }

  get seat(): Router["seat"] {
    return this.#router.seat;
  }

  get pending(): number {
    return this.#router.pending + this.#held.size;
  }

  attach(pipe: Pipe): void {
    this.#router.attach(pipe);
    this.#peers++;
  }

  detach(pipe: Pipe): void {
    this.#router.detach(pipe);
    this.#peers--;
  }

  reclaim(pipe: Pipe): void {
    this.#router.reclaim?.(pipe);
  }

  ready(pipe: Pipe): void {
    this.#router.ready(pipe);
  }

  pump(): void {
    this.#router.pump?.();
    let message: OutgoingFrames | undefined;
    while ((message = this.#held.peek()) !== undefined && this.#router.send(message)) {
      this.#held.shift();
      this.#heldBytes -= cost(message);
    }
  }

  send(message: OutgoingFrames): boolean {
    if (this.#held.size === 0 && this.#router.send(message)) return true;
    if (this.#peers > 0 || this.#held.size >= this.#most || this.#heldBytes >= this.#mostBytes) {
      return false;
    }
    this.#held.push(keepFrames(message));
    this.#heldBytes += cost(message);
    return true;
  }
}

function cost(message: OutgoingFrames): number {
  return sizeOfFrames(message) + MESSAGE_OVERHEAD;
}

/** How often it is told that what is sent waits, in milliseconds. */
const TELL_EVERY = 1000;

/** What a pattern says of its socket once it is made. */
export class Teller {
  #host: ProtocolHost | undefined;
  #lastTold = -Infinity;

  /** The socket is made. */
  readonly opened = (host: ProtocolHost): void => {
    this.#host = host;
  };

  /** Counts losses that are no pipe's. */
  lose(...loss: Parameters<ProtocolHost["lose"]>): void {
    this.#host?.lose(...loss);
  }

  /** What is sent has to wait: told once a second at most, since a queue may run full and empty very often. */
  waits(hasPeers: boolean): void {
    const now = performance.now();
    if (now - this.#lastTold < TELL_EVERY) return;
    this.#lastTold = now;
    this.#host?.emit({ type: "send-waits", reason: hasPeers ? "full" : "no-peer" });
  }
}
