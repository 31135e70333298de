import type { Connection, ConnectionSink } from "../contracts/connection.ts";
import { SPError, wrapError } from "../base/errors.ts";
import type { DropReason } from "../surface/events.ts";
import { beginTurn, type Flushable, scheduleFlush } from "./flush.ts";
import { WriteQueue } from "./write_queue.ts";
import { Packer } from "../memory/packer.ts";
import type { PeerInfo } from "../surface/peer.ts";
import type { PipeInput } from "../contracts/protocol.ts";
import type { TransformController, Transformer } from "../contracts/transformer.ts";
import { RESOLVED, Waiter } from "../base/wait.ts";
import type { Decoder, Encoder, Session, WireMessage } from "../contracts/wire.ts";

/** A slab is written as soon as it holds this much, without waiting for the turn's end, unless the peer is in this program. */
const SLAB_FULL = 64 * 1024;

/** What a message counts at least besides its bytes, so that a flood of empty ones is bounded too. */
const LEAST_OVERHEAD = 8;

/**
 * The most that one write hands over, so that the rest can still be dropped or sent elsewhere. Messages whose bodies are
 * not copied gather up to this, if the queue is as large: fewer and longer writes are less work for the operating system.
 */
const LARGEST_WRITE = 512 * 1024;

/** How long a peer that has ended its stream may take to read what was being written, in milliseconds. */
const PATIENCE = 1000;

/** What a pipe needs to know of its endpoint and its socket. */
export interface PipeOptions {
  readonly peer: PeerInfo;
  readonly sendBuffer: number;
  readonly sendPriority: number;
  readonly receivePriority: number;
}

/** Who a pipe reports to: its socket. */
export interface PipeHost {
  /** It takes no more messages, and writes what it has. */
  closing(pipe: Pipe): void;
  /** Its peer takes no more messages: what it had not been sent can be taken back. */
  reclaim(pipe: Pipe): void;
  /** The outbound queue was full and has room again, or is empty. */
  ready(pipe: Pipe): void;
  /** The connection is over. Called once. */
  closed(pipe: Pipe, reason: SPError | undefined): void;
  /** A control frame has come. */
  control(pipe: Pipe, frame: object): void;
  /** Messages were lost. */
  dropped(pipe: Pipe, reason: DropReason, count: number): void;
}

/**
 * One connection to one peer, with its queue out and its way in.
 *
 * Out: a message is laid out at once and waits in the write queue for the flush; `full` says that the
 * socket should find it another pipe, or wait. In: chunk → the wire's decoder → the protocol's inbound
 * transformer → the pipe's queue in the socket's queue, one call chain; when the queue is full the
 * connection is paused after the chunk, and the peer is pushed back by the transport's own means.
 */
export class Pipe
  implements ConnectionSink, Flushable, TransformController<Uint8Array<ArrayBuffer>> {
  /** Who is at the other end. */
  readonly peer: PeerInfo;
  /** 1 (first) to 16, for routing to this peer. */
  readonly sendPriority: number;
  /** 1 (first) to 16, for taking from this peer. */
  readonly receivePriority: number;
  /** How its messages are laid out. */
  readonly encoder: Encoder;

  /** Messages handed to this pipe. */
  messagesSent = 0;
  /** Their bytes, with the protocol's header and without the frame's. */
  bytesSent = 0;
  /** Messages that came from this peer. */
  messagesReceived = 0;
  /** Their bytes, with the protocol's header and without the frame's. */
  bytesReceived = 0;
  /** Messages that came and that nobody here had subscribed to; not counted among those received. */
  messagesFiltered = 0;
  /** Whether the queue out has no room: send elsewhere, drop, or wait for the host's `ready`. */
  full = false;
  /** Messages lost, by reason. */
  readonly drops: Partial<Record<DropReason, number>> = {};

  readonly #connection: Connection;
  readonly #host: PipeHost;
  readonly #limit: number;
  readonly #session: Session;
  readonly #decoder: Decoder | undefined;
  /** Control frames that wait, to be written between messages; and whether the connection holds some. */
  #control: Uint8Array[] = [];
  #isControlInFlight = false;
  readonly #writeQueue: WriteQueue;
  #packer: Packer | undefined;
  readonly #chunks: Uint8Array[] = [];
  /** So many bytes are written without waiting for the turn's end. */
  #enough: number = SLAB_FULL;
  #scheduled = false;
  #inbound: Transformer<never, never> | undefined;
  #pipeQueue: PipeInput | undefined;
  #over: Waiter<void> | undefined;
  #state: "attached" | "closing" | "ended" | "closed" = "attached";
  /** Whether messages that come are passed on. */
  #delivers = true;
  /** Why messages are lost that it has when it ends. */
  #lossReason: DropReason = "peer-gone";
  /** Ends the wait for a peer that has ended its stream and does not read. */
  #patience: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param connection Past its greeting, not started.
   * @param session The wire on it.
   * @param host Who hears of it.
   * @param options Limits.
   */
  constructor(connection: Connection, session: Session, host: PipeHost, options: PipeOptions) {
    this.peer = options.peer;
    this.sendPriority = options.sendPriority;
    this.receivePriority = options.receivePriority;
    this.#connection = connection;
    this.#session = session;
    this.#host = host;
    this.#limit = options.sendBuffer;
    this.encoder = session.encoder;
    this.#writeQueue = new WriteQueue(this.encoder);
    this.#decoder = session.decoder?.(this);
  }

  /** Begins to take messages in; `first` is what came with the handshake, or while an accept hook decided. */
  start(
    inbound: Transformer<never, never> | undefined,
    pipeQueue: PipeInput | undefined,
    first: readonly Uint8Array<ArrayBuffer>[],
  ): void {
    this.#inbound = inbound;
    this.#pipeQueue = pipeQueue;
    this.#connection.start(this);
    for (const chunk of first) this.data(chunk);
    if (this.#pipeQueue === undefined || !this.#pipeQueue.full) this.resume();
  }

  /** Whether it takes messages at all. */
  get open(): boolean {
    return this.#state === "attached";
  }

  /** Bytes accepted and not yet with the operating system. */
  get queuedBytes(): number {
    return this.#writeQueue.bytes + this.#writeQueue.inFlightBytes;
  }

  /** Messages accepted and not yet with the operating system. */
  get queuedMessages(): number {
    return this.#writeQueue.messages + this.#writeQueue.inFlight;
  }

  /** Whether its peer may get the very memory that is written: each peer then needs its own copy. */
  get sharesMemory(): boolean {
    const { keepsMemory, inProcess } = this.#connection;
    return keepsMemory === true || this.encoder.keepsApart && inProcess === true;
  }

  /** Queues one message. It is the caller who looks at `full` before. */
  send(message: WireMessage): void {
    if (this.encoder.isGone(message)) return this.drop("detached");
    this.append((this.#packer ??= new Packer(this.encoder, this.#keepsMemory())).pack(message));
  }

  /** Queues a message that is laid out already, by this pipe's encoder. */
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
    if (this.#load() >= this.#limit) this.full = true;
  }

  /** Takes back the oldest message that the connection does not hold yet. */
  takeBack(): WireMessage | undefined {
    this.#writeQueue.prune(this.#gone);
    const before = this.#writeQueue.bytes;
    const message = this.#writeQueue.shift();
    if (message !== undefined) {
      // It lies in a slab, which is not to be used again.
      this.#packer = undefined;
      this.#notSent(before - this.#writeQueue.bytes - this.encoder.overhead);
    }
    return message;
  }

  /** Drops the oldest message that the connection does not hold yet; false if there is none. */
  dropOldest(): boolean {
    const length = this.#writeQueue.drop();
    if (length < 0) return false;
    this.#notSent(length);
    this.drop("overflow");
    return true;
  }

  /** Counts messages that were lost on this pipe. */
  drop(reason: DropReason, count = 1): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + count;
    this.#host.dropped(this, reason, count);
  }

  /** Writes what waits, as far as the connection takes it. Whatever throws on the way ends this pipe, and no other. */
  flush(): void {
    this.#scheduled = false;
    try {
      this.#writeOut();
    } catch (error) {
      this.#fail(error);
    }
  }

  #writeOut(): void {
    const writeQueue = this.#writeQueue;
    const chunks = this.#chunks;
    writeQueue.prune(this.#gone);
    if (this.#connection.isEnding === true) return;
    if (this.#control.length > 0) this.#writeControl();
    while (
      !this.#isControlInFlight && writeQueue.inFlight === 0 && writeQueue.messages > 0 &&
      this.#state !== "closed"
    ) {
      writeQueue.take(chunks, LARGEST_WRITE);
      // The array is used again, but not to hold on to much.
      const isLarge = writeQueue.inFlightBytes > SLAB_FULL;
      const written = this.#connection.write(chunks);
      if (isLarge) chunks.length = 0;
      if (written) this.#written();
    }
    if (this.full) this.#becomeReady();
    if (this.#state === "closing") this.#endWhenEmpty();
  }

  /** Writes control frames, unless messages are being written. */
  #writeControl(): void {
    if (this.#isControlInFlight || this.#writeQueue.inFlight > 0) return;
    const control = this.#control;
    this.#control = [];
    this.#isControlInFlight = !this.#connection.write(control);
  }

  /** The connection has written everything: {@linkcode ConnectionSink}. */
  drain(): void {
    this.#written();
    if (this.#writeQueue.bytes >= this.#enough || this.#state === "closing") return this.flush();
    // A connection may hold each write for a few microtasks only: what came meanwhile still gathers.
    if (this.#writeQueue.messages > 0 || this.#control.length > 0) this.#schedule();
    if (this.full) this.#becomeReady();
  }

  /** Bytes, or one message, have come: {@linkcode ConnectionSink}. */
  data(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#state === "closed") return;
    try {
      if (this.#decoder === undefined) this.enqueue(chunk);
      else {
        beginTurn();
        this.#decoder.transform(chunk, this);
      }
    } catch (error) {
      this.#fail(error);
    }
    if (this.#delivers && this.#pipeQueue !== undefined && this.#pipeQueue.full) {
      this.#connection.pause();
    }
  }

  /** Where to read the next chunk to: {@linkcode ConnectionSink}. */
  room(): Uint8Array<ArrayBuffer> | undefined {
    return this.#state === "closed" ? undefined : this.#decoder?.room?.();
  }

  /** One message has come, out of the decoder. */
  enqueue(message: WireMessage): void {
    if (this.#state === "closed") return;
    this.messagesReceived++;
    const size = this.#session.sizeOf(message);
    this.bytesReceived += size;
    if (!this.#delivers) return this.drop("closed");
    // Within this thread a large message is its sender's memory.
    if (size === 0 && this.encoder.isGone(message)) return this.drop("detached");
    if (this.#inbound !== undefined) {
      this.#inbound.transform(message as never, this.#pipeQueue ?? this.#nowhere);
    } else if (this.#pipeQueue !== undefined) this.#pipeQueue.enqueue(message as never);
    else this.error(unwanted(this.peer));
  }

  /** A control frame has come: {@linkcode SessionHost}. */
  control(frame: object): void {
    if (this.#state === "attached") this.#host.control(this, frame);
  }

  /** Sends bytes between two messages: {@linkcode SessionHost}. */
  reply(bytes: Uint8Array): void {
    if (this.#state !== "attached") return;
    this.#control.push(bytes);
    this.#schedule();
  }

  /** Sends a control frame, as the wire lays it out; nothing if it has none. */
  say(frame: object): void {
    const bytes = this.#session.encodeControl?.(frame);
    if (bytes !== undefined) this.reply(bytes);
  }

  /** A message that came was not wanted. */
  filtered(length: number): void {
    this.messagesReceived--;
    this.bytesReceived -= length;
    this.messagesFiltered++;
  }

  /** The peer broke the protocol: closes the connection, for that reason. */
  error(reason: unknown): void {
    this.destroy(
      reason instanceof SPError
        ? reason
        : new SPError("EPROTO", `Closed the connection: ${String(reason)}`, { cause: reason }),
    );
  }

  /** Reads again, after the queue in was full. */
  resume(): void {
    if (this.#delivers && this.#state !== "closed") this.#connection.resume();
  }

  /**
   * Writes what waits, then ends our stream; resolves when the connection is over.
   *
   * @param delivers Whether what comes until then is passed on, or dropped and counted.
   */
  close(delivers = false): Promise<void> {
    if (this.#state === "closed") return RESOLVED;
    this.#over ??= new Waiter();
    this.#delivers &&= delivers;
    if (this.#state === "attached") {
      this.#state = "closing";
      this.#host.closing(this);
      this.flush();
    } else if (this.#state === "ended") this.#readOn();
    return this.#over.promise;
  }

  /** Ends the connection at once; what it had not written is dropped because the socket is closed. */
  abandon(): void {
    if (this.#state === "attached") this.close();
    this.#lossReason = "closed";
    this.#dropWaiting();
    if (this.#over?.settled === false) this.#connection.destroy();
  }

  /** Ends the connection at once. */
  destroy(reason?: SPError): void {
    if (this.#state === "closed") return;
    this.#finish(reason);
    this.#connection.destroy();
  }

  /** The peer has ended its stream: {@linkcode ConnectionSink}. */
  ended(): void {
    if (this.#state === "closed") return;
    // An end inside a message is no end in order: the decoder says so to `error`.
    if (this.#delivers) this.#decoder?.flush?.(this);
    if (this.#state === "attached") {
      this.#state = "closing";
      this.#host.closing(this);
      this.#host.reclaim(this);
    }
    if (this.#state !== "closing") return;
    // What is being written may still be read by a peer that only ends what it sends, but not for ever.
    this.#dropWaiting();
    this.#patience ??= setTimeout(() => this.#connection.destroy(), PATIENCE);
    this.#endWhenEmpty();
  }

  /** The connection is over: {@linkcode ConnectionSink}. */
  closed(reason?: SPError): void {
    if (reason === undefined && this.#delivers) this.#decoder?.flush?.(this);
    if (this.#state !== "closed") this.#finish(reason);
  }

  /** Where an inbound transformer without a pipe's queue answers to: it can close the pipe, and pass nothing on. */
  readonly #nowhere: TransformController<never> = {
    enqueue: () => this.error(unwanted(this.peer)),
    error: (reason) => this.error(reason),
  };

  /** So many bytes of bodies that are not copied are written at once: before the queue is full. */
  #enoughBodies(): number {
    return Math.min(LARGEST_WRITE, this.#limit);
  }

  /** What waits, as the limit counts it: also what a message costs that is a chunk of its own. */
  #load(): number {
    return this.queuedBytes +
      (this.encoder.overhead < LEAST_OVERHEAD ? this.queuedMessages * LEAST_OVERHEAD : 0);
  }

  /** A message that waits has lost its memory. */
  readonly #gone = (length: number): void => {
    this.#notSent(length);
    this.drop("detached");
  };

  /** An empty queue has room for a message, however small the limit and large the message. */
  #hasRoom(): boolean {
    return this.#load() < this.#limit || this.queuedMessages === 0;
  }

  /** A message that was queued has left the queue another way. */
  #notSent(length: number): void {
    this.messagesSent--;
    this.bytesSent -= length;
    if (this.#hasRoom()) this.full = false;
  }

  /** Something has thrown that must not. */
  #fail(error: unknown): void {
    this.destroy(wrapError(`Lost the connection to ${this.peer.remoteAddress}`, error));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    scheduleFlush(this);
  }

  #written(): void {
    this.#isControlInFlight = false;
    this.#writeQueue.written();
    this.#packer?.written(this.#writeQueue.first);
  }

  /** Whether what was written is not to be changed. */
  #keepsMemory(): boolean {
    return this.encoder.keepsApart || this.#connection.keepsMemory === true;
  }

  #becomeReady(): void {
    if (!this.#hasRoom()) return;
    this.full = false;
    if (this.#state === "attached") this.#host.ready(this);
  }

  /** Once all is written: says so to the peer, and reads on, so that its last bytes do not reset ours. */
  #endWhenEmpty(): void {
    if (this.queuedMessages > 0) return;
    this.#state = "ended";
    this.#connection.end();
    this.#readOn();
  }

  #readOn(): void {
    if (!this.#delivers || this.#pipeQueue === undefined || !this.#pipeQueue.full) {
      this.#connection.resume();
    }
  }

  /** Drops what the connection does not hold yet. */
  #dropWaiting(): void {
    const lost = this.#writeQueue.messages;
    while (this.#writeQueue.drop() >= 0);
    if (lost > 0) this.drop(this.#lossReason, lost);
  }

  /** Messages in flight that the peer cannot have: not all of their bytes have left. */
  #incomplete(): number {
    const { inFlight } = this.#writeQueue;
    const { unwritten = Infinity } = this.#connection;
    return this.#connection.framing === "message"
      ? Math.min(unwritten, inFlight)
      : this.#writeQueue.incomplete(unwritten);
  }

  #finish(reason: SPError | undefined): void {
    const wasOpen = this.#state === "attached";
    this.#state = "closed";
    this.full = false;
    if (wasOpen) this.#host.closing(this);
    this.#host.closed(this, reason);
    clearTimeout(this.#patience);
    const lost = this.#writeQueue.messages + this.#incomplete();
    this.#writeQueue.clear();
    if (lost > 0) this.drop(this.#lossReason, lost);
    this.#over?.resolve();
  }
}

function unwanted(peer: PeerInfo): SPError {
  return new SPError(
    "EPROTO",
    `A ${peer.protocol} peer sent a message to a socket that only sends`,
  );
}
