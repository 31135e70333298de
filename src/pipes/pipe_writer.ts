import type { Connection } from "../contracts/connection.ts";
import type { DropReason } from "../surface/events.ts";
import { type Flushable, scheduleFlush } from "./flush.ts";
import { WriteQueue } from "./write_queue.ts";
import { Packer } from "../memory/packer.ts";
import type { Encoder, WireMessage } from "../contracts/wire.ts";

/** A slab is written as soon as it holds this much, without waiting for the turn's end, unless the peer is in this program. */
const SLAB_FULL = 64 * 1024;

/** What a message counts at least besides its bytes, so that a flood of empty ones is bounded too. */
const LEAST_OVERHEAD = 8;

/** Answers to control frames that may wait for a peer. */
const MOST_REPLIES = 1000;

/**
 * The most that one write hands over, so that the rest can still be dropped or sent elsewhere. Messages whose bodies are
 * not copied gather up to this, if the queue is as large: fewer and longer writes are less work for the operating system.
 */
const LARGEST_WRITE = 512 * 1024;

/** What a writer reports to: its pipe. */
export interface PipeWriterHost {
  /** The queue was full and has room again, or is empty. */
  ready(): void;
  /** A flush is done: everything is written, or the connection takes no more for now. */
  flushed(): void;
  /** Messages were lost. */
  drop(reason: DropReason, count?: number): void;
  /** Something threw during a flush: the connection cannot go on. */
  fail(error: unknown): void;
}

/**
 * The writing side of a pipe: what waits for its connection, and when it is written.
 *
 * A message is laid out at once and waits in the write queue for the flush. Control frames are written between messages.
 */
export class PipeWriter implements Flushable {
  /** Messages queued here, without those that were taken back or dropped on overflow. */
  messagesSent = 0;
  /** Their bytes, with the protocol's header and without the frame's. */
  bytesSent = 0;
  /** Whether the queue has no room. */
  full = false;

  readonly #connection: Connection;
  readonly #encoder: Encoder;
  readonly #host: PipeWriterHost;
  readonly #limit: number;
  readonly #most: number;
  readonly #writeQueue: WriteQueue;
  #packer: Packer | undefined;
  readonly #chunks: Uint8Array[] = [];
  /** Control frames that wait, to be written between messages; and whether the connection holds some. */
  #control: Uint8Array[] = [];
  #isControlInFlight = false;
  /** So many bytes are written without waiting for the turn's end. */
  #enough: number = SLAB_FULL;
  #scheduled = false;
  #isStopped = false;

  /**
   * @param connection Where it writes.
   * @param encoder How messages are laid out.
   * @param host The pipe that it reports to.
   * @param limit Bytes that may wait before it is full.
   * @param most Messages that may wait before it is full.
   */
  constructor(
    connection: Connection,
    encoder: Encoder,
    host: PipeWriterHost,
    limit: number,
    most: number = Infinity,
  ) {
    this.#connection = connection;
    this.#encoder = encoder;
    this.#host = host;
    this.#limit = limit;
    this.#most = most;
    this.#writeQueue = new WriteQueue(encoder);
  }

  /** Bytes accepted and not yet with the operating system. */
  get queuedBytes(): number {
    return this.#writeQueue.bytes + this.#writeQueue.inFlightBytes;
  }

  /** Messages accepted and not yet with the operating system. */
  get queuedMessages(): number {
    return this.#writeQueue.messages + this.#writeQueue.inFlight;
  }

  /** Whether the connection holds something that was written to it. */
  get isWriting(): boolean {
    return this.#writeQueue.inFlight > 0 || this.#isControlInFlight;
  }

  /** Queues one message. The caller looks at `full` before. */
  send(message: WireMessage): void {
    if (this.#encoder.isGone(message)) return this.#host.drop("detached");
    this.append((this.#packer ??= new Packer(this.#encoder, this.#keepsMemory())).pack(message));
  }

  /** Queues a message that this writer's encoder has already laid out. */
  append(packed: Packer): void {
    this.messagesSent++;
    this.bytesSent += packed.payload;
    this.#writeQueue.append(packed);
    this.#enough = packed.rest.length === 0 ? SLAB_FULL : this.#enoughBodies();
    if (
      this.#writeQueue.bytes >= this.#enough && this.#writeQueue.inFlight === 0 &&
      !this.#connection.inProcess
    ) {
      this.flush();
    } else this.#schedule();
    if (!this.#hasRoom()) this.full = true;
  }

  /** Queues a control frame, to be written between two messages. */
  sendControl(bytes: Uint8Array): void {
    this.#control.push(bytes);
    this.#schedule();
  }

  /** Queues an answer to a control frame; none for a peer that asks and does not read. */
  reply(bytes: Uint8Array): void {
    if (this.#control.length < MOST_REPLIES) this.sendControl(bytes);
  }

  /** Takes back the oldest message that the connection does not hold yet. */
  takeBack(): WireMessage | undefined {
    this.#writeQueue.prune(this.#gone);
    const message = this.#writeQueue.peek();
    if (message !== undefined) {
      // It lies in a slab, which is not to be used again.
      this.#packer = undefined;
      this.#notSent(this.#writeQueue.drop());
    }
    return message;
  }

  /** Drops the oldest message that the connection does not hold yet; false if there is none. */
  dropOldest(): boolean {
    const length = this.#writeQueue.drop();
    if (length < 0) return false;
    this.#notSent(length);
    this.#host.drop("overflow");
    return true;
  }

  /** Forgets what the connection does not hold yet. Returns how many messages that were. */
  dropWaiting(): number {
    const lost = this.#writeQueue.messages;
    while (this.#writeQueue.drop() >= 0);
    return lost;
  }

  /** Writes what waits, as far as the connection takes it. Whatever throws on the way ends this pipe, and no other. */
  flush(): void {
    this.#scheduled = false;
    try {
      this.#writeOut();
    } catch (error) {
      this.#host.fail(error);
    }
  }

  /**
   * The connection has written everything that it held.
   *
   * @param isClosing Whether the rest is written at once: nothing more comes that it could gather with.
   */
  drained(isClosing: boolean): void {
    this.#written();
    if (this.#writeQueue.bytes >= this.#enough || isClosing) return this.flush();
    // A connection may hold each write for a few microtasks only: what came meanwhile still gathers.
    if (this.#writeQueue.messages > 0 || this.#control.length > 0) this.#schedule();
    if (this.full) this.#becomeReady();
  }

  /** The connection is over: no more messages are written, and nobody waits for room. */
  stop(): void {
    this.#isStopped = true;
    this.full = false;
  }

  /** Forgets everything, once the connection is over. Returns how many messages the peer cannot have. */
  clear(): number {
    const lost = this.#writeQueue.messages + this.#incomplete();
    this.#writeQueue.clear();
    return lost;
  }

  #writeOut(): void {
    const writeQueue = this.#writeQueue;
    const chunks = this.#chunks;
    writeQueue.prune(this.#gone);
    if (this.#connection.isEnding === true) return;
    if (this.#control.length > 0) this.#writeControl();
    while (
      !this.#isControlInFlight && writeQueue.inFlight === 0 && writeQueue.messages > 0 &&
      !this.#isStopped
    ) {
      writeQueue.take(chunks, LARGEST_WRITE);
      // The array is used again, but not to hold on to much.
      const isLarge = writeQueue.inFlightBytes > SLAB_FULL;
      const written = this.#connection.write(chunks);
      if (isLarge) chunks.length = 0;
      if (written) this.#written();
    }
    if (this.full) this.#becomeReady();
    this.#host.flushed();
  }

  /** Writes control frames, unless messages are being written. */
  #writeControl(): void {
    if (this.#isControlInFlight || this.#writeQueue.inFlight > 0) return;
    const control = this.#control;
    this.#control = [];
    this.#isControlInFlight = !this.#connection.write(control);
  }

  #written(): void {
    this.#isControlInFlight = false;
    this.#writeQueue.written();
    this.#packer?.written(this.#writeQueue.first);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    scheduleFlush(this);
  }

  #becomeReady(): void {
    if (!this.#hasRoom()) return;
    this.full = false;
    this.#host.ready();
  }

  /** So many bytes of bodies that are not copied are written at once: before the queue is full. */
  #enoughBodies(): number {
    return Math.min(LARGEST_WRITE, this.#limit);
  }

  /** What waits, as the limit counts it: also what a message costs that is a chunk of its own. */
  #load(): number {
    return this.queuedBytes +
      (this.#encoder.overhead < LEAST_OVERHEAD ? this.queuedMessages * LEAST_OVERHEAD : 0);
  }

  /** An empty queue has room for a message, however small the limit and large the message. */
  #hasRoom(): boolean {
    const messages = this.queuedMessages;
    return messages === 0 || messages < this.#most && this.#load() < this.#limit;
  }

  /** A message that waits has lost its memory. */
  readonly #gone = (length: number): void => {
    this.#notSent(length);
    this.#host.drop("detached");
  };

  /** A message that was queued has left the queue another way. */
  #notSent(length: number): void {
    this.messagesSent--;
    this.bytesSent -= length;
    if (this.#hasRoom()) this.full = false;
  }

  /** Whether what was written is not to be changed. */
  #keepsMemory(): boolean {
    const { framing, keepsMemory } = this.#connection;
    return framing === "message" || keepsMemory === true;
  }

  /** Messages in flight that the peer cannot have: not all of their bytes have left. */
  #incomplete(): number {
    const { inFlight } = this.#writeQueue;
    const { unwritten = Infinity } = this.#connection;
    if (this.#connection.framing !== "message") return this.#writeQueue.incomplete(unwritten);
    // Where messages are not kept apart, each of them may be in what has not left.
    return this.#encoder.keepsApart ? Math.min(unwritten, inFlight) : unwritten && inFlight;
  }
}
