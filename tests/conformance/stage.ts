/** Where a check plays: a pattern, a place to meet, and the sockets that are to be closed at the end. */

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import {
  type BindOptions,
  type ConnectOptions,
  DuplexSocket,
  type MessageLike,
  type Socket,
} from "../../mod.ts";
import { EventLog } from "./events_log.ts";
import type { PatternCase, Receiver, ReceiverOptions, Sender, SenderOptions } from "./patterns.ts";
import type { Place, TransportCase } from "./transports.ts";

/** How long anything may take before a test fails, in milliseconds. */
export const PATIENCE = 20_000;

/** A signal that ends a wait which has taken too long. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE);
}

/** One check's sockets and the place where they meet. */
export class Stage implements AsyncDisposable {
  readonly pattern: PatternCase;
  readonly transport: TransportCase;
  readonly #place: Place;
  readonly #sockets: Socket[] = [];

  private constructor(pattern: PatternCase, transport: TransportCase, place: Place) {
    this.pattern = pattern;
    this.transport = transport;
    this.#place = place;
  }

  /** Opens a place of its own. */
  static async open(pattern: PatternCase, transport: TransportCase): Promise<Stage> {
    return new Stage(pattern, transport, await transport.open());
  }

  /** A socket of the side that speaks first. */
  sender(options: SenderOptions = {}): Sender {
    return this.keep(this.pattern.sender(this.#impatient({ sendTimeout: PATIENCE, ...options })));
  }

  /** A socket of the side that hears it. */
  receiver(options: ReceiverOptions = {}): Receiver {
    return this.keep(
      this.pattern.receiver(this.#impatient({ receiveTimeout: PATIENCE, ...options })),
    );
  }

  /** Closes a socket at the end. */
  keep<Kind extends Socket>(socket: Kind): Kind {
    this.#sockets.push(socket);
    return socket;
  }

  /** Has a socket take in who dials. */
  listen(socket: Socket, options?: BindOptions): Promise<{ close(): Promise<void> }> {
    return this.#place.listen(socket, options);
  }

  /** Has a socket dial who listens. */
  dial(socket: Socket, options?: ConnectOptions): { close(): Promise<void> } {
    return this.#place.dial(socket, options);
  }

  /** A sender that has dialled a receiver. */
  async meet(
    senderOptions?: SenderOptions,
    receiverOptions?: ReceiverOptions,
  ): Promise<{ sender: Sender; receiver: Receiver }> {
    const receiver = this.receiver(receiverOptions);
    const sender = this.sender(senderOptions);
    await this.listen(receiver);
    this.dial(sender);
    await attached(sender, receiver);
    return { sender, receiver };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close({ linger: 0 })));
    await this.#place[Symbol.asyncDispose]();
  }

  /** Tries to connect again soon, unless the check says otherwise. */
  #impatient<Options extends SenderOptions | ReceiverOptions>(options: Options): Options {
    return { reconnectMin: 5, reconnectMax: 50, ...options };
  }
}

/** Resolves when each of the sockets has a peer. */
export async function attached(...sockets: Socket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.peers(1, { signal: patience() })));
}

/** Resolves when a figure has stayed the same for many turns of the event loop: nothing moves any more. */
export async function settled(measure: () => number): Promise<void> {
  let last = measure();
  for (let same = 0; same < 30; same++) {
    await setTimeout(1);
    if (measure() === last) continue;
    last = measure();
    same = 0;
  }
}

/** What a socket tells from now on. */
export function watch(socket: Socket): EventLog {
  return new EventLog(socket);
}

/** A socket of a pattern whose sides both send and receive. */
export function duplex(socket: Sender | Receiver): DuplexSocket {
  assert.ok(socket instanceof DuplexSocket);
  return socket;
}

/** Sends a message and takes what arrives. */
export async function tell(
  sender: Sender,
  receiver: Receiver,
  message: MessageLike,
): Promise<Uint8Array> {
  const [, received] = await Promise.all([
    sender.send(message, { signal: patience() }),
    receiver.receive({ signal: patience() }),
  ]);
  return received;
}

/** Sends a message the other way and takes what arrives. */
export async function answer(
  receiver: Receiver,
  sender: Sender,
  message: MessageLike,
): Promise<Uint8Array> {
  const [, received] = await Promise.all([
    duplex(receiver).send(message, { signal: patience() }),
    duplex(sender).receive({ signal: patience() }),
  ]);
  return received;
}

/** Text over, and back where the pattern answers: checks that both arrive. */
export async function converse(
  { pattern }: Stage,
  sender: Sender,
  receiver: Receiver,
  text: string,
): Promise<void> {
  assert.equal(toText(await tell(sender, receiver, text)), text);
  if (pattern.answers === "no") return;
  assert.equal(toText(await answer(receiver, sender, `re: ${text}`)), `re: ${text}`);
}

/** A message as text. */
export function toText(message: Uint8Array): string {
  return new TextDecoder().decode(message);
}
