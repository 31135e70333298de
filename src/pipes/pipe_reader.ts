import type { Connection } from "../contracts/connection.ts";
import type { PipeInput } from "../contracts/protocol.ts";
import type { TransformController, Transformer } from "../contracts/transformer.ts";
import type { Decoder, DecoderController, Session, WireMessage } from "../contracts/wire.ts";
import { SPError } from "../base/errors.ts";
import { copyOf } from "../memory/new_memory.ts";
import type { DropReason } from "../surface/events.ts";
import type { PeerInfo } from "../surface/peer.ts";
import { MESSAGE_OVERHEAD } from "../receiving/fair_queue.ts";
import { beginTurn } from "./flush.ts";
import { leaveLine, mayRead, standInLine, type Turnable } from "./reading_turn.ts";

/** So small a chunk is taken in even when the turn is used up: a crowd does not keep a quiet peer waiting. */
const SMALL = 1024;

/** What one that has stood in line passes on before others have their turn, in bytes: some 1,100 small messages. */
const HELPING = 256 * 1024;

/** More than a call can pass on. Not `Infinity`: V8 counts fastest in small integers. */
const NO_LIMIT = 0x3fff_ffff;

/** What a reader reports to: its pipe. */
export interface PipeReaderHost {
  /** Who is at the other end. */
  readonly peer: PeerInfo;
  /** Messages were lost. */
  drop(reason: DropReason, count?: number): void;
  /** The peer broke the protocol. */
  error(reason: unknown): void;
  /** Something threw: the connection cannot go on. */
  fail(error: unknown): void;
  /** Nothing that has come waits here any more. */
  caughtUp(): void;
}

/**
 * The reading side of a pipe: chunk → the wire's decoder → the protocol's inbound transformer → the pipe's queue in the
 * socket's queue, one call chain.
 *
 * It goes as far as the queue has room and the turn of the event loop has time. What is left of a chunk waits here as bytes,
 * which cost what they are, where messages cost many times as much; and the connection is paused, so that the peer is pushed
 * back by the transport's own means.
 */
export class PipeReader implements DecoderController, Turnable {
  /** Messages that came from this peer. */
  messages = 0;
  /** Their bytes, with the protocol's header and without the frame's. */
  bytes = 0;
  /** Messages that came and that nobody here had subscribed to; not counted among those received. */
  filtered = 0;
  /** Chunks of bytes that came. */
  chunks = 0;
  /** Whether the decoder is to stop: {@linkcode DecoderController}. */
  isFull = false;

  readonly #connection: Connection;
  readonly #session: Session;
  readonly #decoder: Decoder | undefined;
  readonly #host: PipeReaderHost;
  #inbound: Transformer<never, never> | undefined;
  #queue: PipeInput | undefined;
  /** What has come and waits for room, or for a turn; undefined if nothing does. */
  #held: Uint8Array<ArrayBuffer>[] | undefined;
  /** What the messages that are passed on now may still cost; where chunks are messages, before the time is looked at. */
  #credit: number = HELPING;
  /** Why messages are not passed on, but counted as lost. */
  #refusal: DropReason | undefined;
  /** Whether the connection reads. */
  #reads = false;
  /** What the queue was told: whether something waits here. */
  #isHolding = false;
  /** Whether what waits here is all that will ever come. */
  #isLast = false;
  #isOver = false;

  /**
   * @param connection Where it reads.
   * @param session The wire on it.
   * @param decoder Takes its chunks apart, if they are not messages.
   * @param host The pipe that it reports to.
   */
  constructor(
    connection: Connection,
    session: Session,
    decoder: Decoder | undefined,
    host: PipeReaderHost,
  ) {
    this.#connection = connection;
    this.#session = session;
    this.#decoder = decoder;
    this.#host = host;
  }

  /** Whether it does not read, since what has come waits to be taken. */
  get isPaused(): boolean {
    return !this.#reads;
  }

  /** Whether something waits here that has come. */
  get holds(): boolean {
    return this.#held !== undefined;
  }

  /** Says where messages go. */
  open(inbound: Transformer<never, never> | undefined, queue: PipeInput | undefined): void {
    this.#inbound = inbound;
    this.#queue = queue;
  }

  /** Begins with what came during the handshake. */
  start(first: readonly Uint8Array<ArrayBuffer>[]): void {
    if (first.length > 0) {
      beginTurn();
      this.#held = [...first];
      this.#tellHolding(true);
    }
    this.goOn();
  }

  /** Takes a chunk, or one message. */
  data(chunk: Uint8Array<ArrayBuffer>): void {
    try {
      this.#data(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  #data(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#isOver) return;
    if (this.#decoder !== undefined) this.chunks++;
    // It was on its way already when the connection was paused.
    if (this.#held !== undefined) return void this.#held.push(this.#own(chunk));
    const isInTime = this.#decoder === undefined || chunk.length <= SMALL || mayRead();
    const rest = isInTime ? this.#take(chunk, true, NO_LIMIT) : this.#own(chunk);
    if (rest !== undefined) this.#hold(rest);
    else this.#readOn();
  }

  /** Where to read the next chunk to; anywhere, while others come before it. */
  room(): Uint8Array<ArrayBuffer> | undefined {
    return this.#isOver || this.#held !== undefined ? undefined : this.#decoder?.room?.();
  }

  /** One message has come, out of the decoder. */
  enqueue(message: WireMessage): void {
    if (this.#isOver) return;
    const size = this.#session.sizeOf(message);
    if ((this.#credit -= size + MESSAGE_OVERHEAD) <= 0) this.isFull = true;
    this.messages++;
    this.bytes += size;
    if (this.#refusal !== undefined) return this.#host.drop(this.#refusal);
    // Within this thread a large message is its sender's memory.
    if (size === 0 && this.#session.encoder.isGone(message)) return this.#host.drop("detached");
    const queue = this.#queue;
    if (this.#inbound !== undefined) {
      this.#inbound.transform(message as never, queue ?? new Nowhere(this.#host));
    } else if (queue !== undefined) queue.enqueue(message as never);
    else this.#host.error(unwanted(this.#host.peer));
  }

  /** The peer broke the protocol. */
  error(reason: unknown): void {
    this.#host.error(reason);
  }

  /** There is room in the queue again. */
  resume(): void {
    // One who takes messages as fast as they come would otherwise never let the turn end.
    if (this.#isOver || this.#held === undefined || this.#refusal !== undefined || mayRead()) {
      this.goOn();
    } else standInLine(this);
  }

  /** Its turn has come: {@linkcode Turnable}. */
  goOn(): void {
    try {
      this.#goOn();
    } catch (error) {
      this.#fail(error);
    }
  }

  #goOn(): void {
    for (let chunk; (chunk = this.#nextHeld()) !== undefined && !this.#isOver;) {
      const rest = this.#take(chunk, false, this.#refusal === undefined ? HELPING : NO_LIMIT);
      if (rest !== undefined) return this.#hold(rest);
    }
    if (this.#isOver) return;
    this.#credit = HELPING;
    this.#tellHolding(false);
    this.#host.caughtUp();
    this.#readOn();
  }

  /** From now on, what comes is lost, and counted. */
  refuse(): void {
    if (this.#refusal !== undefined || this.#isOver) return;
    this.#refusal = "closed";
    leaveLine(this);
    this.goOn();
  }

  /** The pipe is over: of what waits here, what there is room for is passed on, and the rest is lost, and counted. */
  stop(): void {
    if (this.#isOver) return;
    leaveLine(this);
    this.#isLast = true;
    for (let chunk; (chunk = this.#nextHeld()) !== undefined;) {
      const rest = this.#take(chunk, false, NO_LIMIT);
      if (rest === undefined) continue;
      this.#refusal ??= "peer-gone";
      this.#take(rest, false, NO_LIMIT);
    }
    this.#isOver = true;
    this.#tellHolding(false);
    this.#queue?.end();
  }

  /** A byte stream that ends inside a message has lost it. */
  flush(): void {
    if (this.#refusal === undefined) this.#decoder?.flush?.(this);
  }

  /**
   * Passes on as much of a chunk as there is room for.
   *
   * @param chunk As it came, or what was left of it.
   * @param isNew Whether it comes from the connection, and may be lent.
   * @param helping What the messages may cost.
   * @returns What is left of it, in memory of ours.
   */
  #take(
    chunk: Uint8Array<ArrayBuffer>,
    isNew: boolean,
    helping: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    const decoder = this.#decoder;
    if (decoder === undefined) {
      this.enqueue(chunk);
      return undefined;
    }
    if (isNew) beginTurn();
    let rest: Uint8Array<ArrayBuffer> | void = chunk;
    while (rest instanceof Uint8Array) {
      const credit = Math.min(helping, this.#room());
      if (credit <= 0) break;
      this.#credit = credit;
      this.isFull = false;
      const isLent: boolean = isNew && rest === chunk;
      rest = isLent || decoder.resume === undefined
        ? decoder.transform(rest, this)
        : decoder.resume(rest, this);
      helping -= credit - this.#credit;
    }
    return isNew && rest === chunk ? this.#own(chunk) : rest || undefined;
  }

  /** What more messages may cost. */
  #room(): number {
    const queue = this.#queue;
    if (this.#refusal !== undefined || queue === undefined) return NO_LIMIT;
    return Math.min(this.#isLast ? queue.lastRoom : queue.room, NO_LIMIT);
  }

  /** Keeps what is left of a chunk for when there is room, or another turn. */
  #hold(rest: Uint8Array<ArrayBuffer>): void {
    if (this.#isOver) return;
    (this.#held ??= []).unshift(rest);
    this.#tellHolding(true);
    this.#pause();
    // A queue without room remembers who asked.
    const queue = this.#queue;
    if (queue === undefined || queue.room > 0 || !queue.full) standInLine(this);
  }

  /** Tells the queue whether more will come out of what waits here. */
  #tellHolding(isHolding: boolean): void {
    if (this.#isHolding === isHolding) return;
    this.#isHolding = isHolding;
    this.#queue?.holds(isHolding);
  }

  #nextHeld(): Uint8Array<ArrayBuffer> | undefined {
    const held = this.#held;
    const chunk = held?.shift();
    if (held?.length === 0) this.#held = undefined;
    return chunk;
  }

  #readOn(): void {
    if (this.#isOver) return;
    const delivers = this.#refusal === undefined;
    if (delivers && this.#queue?.full === true) this.#pause();
    else if (delivers && this.#decoder === undefined && this.#credit <= 0 && !this.#hasTime()) {
      // Messages cannot wait here as bytes.
      this.#pause();
      standInLine(this);
    } else if (!this.#reads) {
      this.#reads = true;
      this.#connection.resume();
    }
  }

  /** What threw would throw again at what waits here. */
  #fail(error: unknown): void {
    this.#refusal ??= "peer-gone";
    this.#host.fail(error);
  }

  /** Whether messages that come one by one may go on coming. */
  #hasTime(): boolean {
    this.#credit = HELPING;
    return mayRead();
  }

  #pause(): void {
    this.#reads = false;
    this.#connection.pause();
  }

  /** The chunk itself, or a copy if the connection only lends it. */
  #own(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return this.#connection.lendsMemory === true ? copyOf(chunk) : chunk;
  }
}

/** Where an inbound transformer without a pipe's queue answers to: it can close the pipe, and pass nothing on. */
class Nowhere implements TransformController<never> {
  readonly #host: PipeReaderHost;

  constructor(host: PipeReaderHost) {
    this.#host = host;
  }

  enqueue(): void {
    this.#host.error(unwanted(this.#host.peer));
  }

  error(reason: unknown): void {
    this.#host.error(reason);
  }
}

function unwanted(peer: PeerInfo): SPError {
  return new SPError(
    "EPROTO",
    `A ${peer.protocol} peer sent a message to a socket that only sends`,
  );
}
