import type { Connection, ConnectionSink } from "../contracts/connection.ts";
import { SPError, wrapError } from "../base/errors.ts";
import type { DropReason } from "../surface/events.ts";
import type { PipeHost, PipeOptions } from "./pipe_host.ts";
import { PipeReader, type PipeReaderHost } from "./pipe_reader.ts";
import { PipeWriter, type PipeWriterHost } from "./pipe_writer.ts";
import type { Packer } from "../memory/packer.ts";
import type { PeerInfo } from "../surface/peer.ts";
import type { PipeInput } from "../contracts/protocol.ts";
import type { Transformer } from "../contracts/transformer.ts";
import { RESOLVED, Waiter } from "../base/wait.ts";
import type { Encoder, Session, SessionHost, WireMessage } from "../contracts/wire.ts";

/** How long a peer that has ended its stream may take to read what was being written, in milliseconds. */
const PATIENCE = 1000;

/**
 * One connection to one peer, with its queue out and its way in, from the first message to the last.
 *
 * Out: the writer lays a message out at once and writes it with the next flush; `full` says that the
 * socket should find it another pipe, or wait. In: the reader takes chunks apart and passes messages on. What a peer sent
 * before it left is passed on before the pipe is over.
 */
export class Pipe implements ConnectionSink, PipeWriterHost, PipeReaderHost, SessionHost {
  /** Who is at the other end. */
  readonly peer: PeerInfo;
  /** 1 (first) to 16, for routing to this peer. */
  readonly sendPriority: number;
  /** 1 (first) to 16, for taking from this peer. */
  readonly receivePriority: number;
  /** How its messages are laid out. */
  readonly encoder: Encoder;

  /** Messages lost, by reason. */
  readonly drops: Partial<Record<DropReason, number>> = {};

  readonly #connection: Connection;
  readonly #host: PipeHost;
  readonly #session: Session;
  readonly #reader: PipeReader;
  readonly #writer: PipeWriter;
  #over: Waiter<void> | undefined;
  #state: "attached" | "closing" | "ended" | "closed" = "attached";
  /** What the connection has come to, while not all that had come before is passed on. */
  #end: "ended" | "closed" | undefined;
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
    this.encoder = session.encoder;
    const { sendBuffer, sendHighWaterMark } = options;
    this.#writer = new PipeWriter(connection, this.encoder, this, sendBuffer, sendHighWaterMark);
    this.#reader = new PipeReader(connection, session, session.decoder?.(this), this);
  }

  /** Begins to take messages in; `first` is what came with the handshake, or while an accept hook decided. */
  start(
    inbound: Transformer<never, never> | undefined,
    pipeQueue: PipeInput | undefined,
    first: readonly Uint8Array<ArrayBuffer>[],
  ): void {
    this.#reader.open(inbound, pipeQueue);
    this.#connection.start(this);
    this.#reader.start(first);
  }

  /** Whether it takes messages at all. */
  get open(): boolean {
    return this.#state === "attached";
  }

  /** Whether the queue out has no room: send elsewhere, drop, or wait for the host's `ready`. */
  get full(): boolean {
    return this.#writer.full;
  }

  /** Messages that came from this peer. */
  get messagesReceived(): number {
    return this.#reader.messages;
  }

  /** Their bytes, with the protocol's header and without the frame's. */
  get bytesReceived(): number {
    return this.#reader.bytes;
  }

  /** Messages that came and that nobody here had subscribed to; not counted among those received. */
  get messagesFiltered(): number {
    return this.#reader.filtered;
  }

  /** Whether it does not read, since what has come waits to be taken. */
  get isPaused(): boolean {
    return this.#reader.isPaused;
  }

  /** Messages handed to this pipe. */
  get messagesSent(): number {
    return this.#writer.messagesSent;
  }

  /** Their bytes, with the protocol's header and without the frame's. */
  get bytesSent(): number {
    return this.#writer.bytesSent;
  }

  /** Bytes accepted and not yet with the operating system. */
  get queuedBytes(): number {
    return this.#writer.queuedBytes;
  }

  /** Messages accepted and not yet with the operating system. */
  get queuedMessages(): number {
    return this.#writer.queuedMessages;
  }

  /** A number that changes with whatever comes from the peer. */
  get heard(): number {
    const messages = this.messagesReceived + this.messagesFiltered;
    return this.#reader.chunks + messages + (this.#connection.heard ?? 0);
  }

  /** Messages that the operating system has taken; less those that were taken back. */
  get written(): number {
    return this.messagesSent - this.queuedMessages;
  }

  /** Whether the connection holds something that was written to it. */
  get isWriting(): boolean {
    return this.#writer.isWriting;
  }

  /** A number that changes with whatever leaves of a write, as far as the connection knows. */
  get pending(): number {
    return this.#connection.pending ?? 0;
  }

  /** Whether its peer may get the very memory that is written: each peer then needs its own copy. */
  get sharesMemory(): boolean {
    const { framing, keepsMemory, inProcess } = this.#connection;
    return keepsMemory === true || framing === "message" && inProcess === true;
  }

  /** Queues one message. The caller looks at `full` before. */
  send(message: WireMessage): void {
    this.#writer.send(message);
  }

  /** Queues a message that this pipe's encoder has already laid out. */
  append(packed: Packer): void {
    this.#writer.append(packed);
  }

  /** Takes back the oldest message that the connection does not hold yet. */
  takeBack(): WireMessage | undefined {
    return this.#writer.takeBack();
  }

  /** Drops the oldest message that the connection does not hold yet; false if there is none. */
  dropOldest(): boolean {
    return this.#writer.dropOldest();
  }

  /** Writes what waits, as far as the connection takes it. */
  flush(): void {
    this.#writer.flush();
  }

  /** Counts messages that were lost on this pipe. */
  drop(reason: DropReason, count = 1, error?: unknown): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + count;
    this.#host.dropped(this, reason, count, error);
  }

  /** The queue out has room again: {@linkcode PipeWriterHost}. */
  ready(): void {
    if (this.#state === "attached") this.#host.ready(this);
  }

  /** A flush is done: {@linkcode PipeWriterHost}. */
  flushed(): void {
    if (this.#state === "closing") this.#endWhenEmpty();
  }

  /** Something has thrown that must not: {@linkcode PipeWriterHost}. */
  fail(error: unknown): void {
    this.destroy(wrapError(`Lost the connection to ${this.peer.remoteAddress}`, error));
  }

  /** The connection has written everything: {@linkcode ConnectionSink}. */
  drain(): void {
    this.#writer.drained(this.#state === "closing");
  }

  /** Bytes, or one message, have come: {@linkcode ConnectionSink}. */
  data(chunk: Uint8Array<ArrayBuffer>): void {
    this.#reader.data(chunk);
  }

  /** Where to read the next chunk to: {@linkcode ConnectionSink}. */
  room(): Uint8Array<ArrayBuffer> | undefined {
    return this.#reader.room();
  }

  /** A control frame has come: {@linkcode SessionHost}. */
  control(frame: object): void {
    if (this.#state === "attached") this.#host.control(this, frame);
  }

  /** Sends bytes between two messages, unless the peer leaves many such lying: {@linkcode SessionHost}. */
  reply(bytes: Uint8Array): void {
    if (this.open) this.#writer.reply(bytes);
  }

  /** Sends a control frame, as the wire lays it out; nothing if it has none. */
  say(frame: object): void {
    const bytes = this.#session.encodeControl?.(frame);
    if (bytes !== undefined && this.open) this.#writer.sendControl(bytes);
  }

  /** A message that came was not wanted. */
  filtered(length: number): void {
    this.#reader.messages--;
    this.#reader.bytes -= length;
    this.#reader.filtered++;
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
    this.#reader.resume();
  }

  /**
   * Writes what waits, then ends our stream; resolves when the connection is over.
   *
   * @param delivers Whether what comes until then is passed on, or dropped and counted.
   */
  close(delivers = false): Promise<void> {
    if (this.#state === "closed") return RESOLVED;
    const over = this.#over ??= new Waiter();
    if (this.#state === "attached") {
      this.#leave();
      this.flush();
    }
    // Behind our end, so that a peer in this program keeps what it had not been able to hand over, and finds it another place.
    if (!delivers) this.#reader.refuse();
    return over.promise;
  }

  /** Ends the connection at once; what it had not written is dropped because the socket is closed. */
  abandon(): void {
    if (this.#state === "attached") this.close();
    this.#lossReason = "closed";
    this.#lose(this.#writer.dropWaiting());
    if (this.#over?.settled === false) this.#connection.destroy();
  }

  /** Ends the connection at once. */
  destroy(reason?: SPError): void {
    if (this.#state === "closed") return;
    this.#finish(reason, true);
  }

  /** The peer has ended its stream: {@linkcode ConnectionSink}. */
  ended(): void {
    if (this.#state === "closed") return;
    if (this.#reader.holds) this.#end ??= "ended";
    // An end inside a message is no end in order: the decoder says so to `error`.
    else this.#reader.flush();
    if (this.#state === "attached") {
      this.#leave();
      this.#host.reclaim(this);
    }
    if (this.#state !== "closing") return;
    // What is being written may still be read by a peer that only ends what it sends, but not for ever.
    this.#lose(this.#writer.dropWaiting());
    this.#patience ??= setTimeout(() => this.#connection.destroy(), PATIENCE);
    this.#endWhenEmpty();
  }

  /** The connection is over: {@linkcode ConnectionSink}. */
  closed(reason?: SPError): void {
    if (this.#state === "closed") return;
    if (reason !== undefined || !this.#reader.holds) return this.#closedInOrder(reason);
    this.#end = "closed";
    clearTimeout(this.#patience);
    if (this.#state !== "attached") return;
    this.#leave();
    this.#host.reclaim(this);
  }

  /** All that had come is passed on: {@linkcode PipeReaderHost}. */
  caughtUp(): void {
    const end = this.#end;
    this.#end = undefined;
    if (end === "ended") this.#reader.flush();
    else if (end === "closed") this.#closedInOrder();
  }

  #closedInOrder(reason?: SPError): void {
    if (reason === undefined) this.#reader.flush();
    if (this.#state !== "closed") this.#finish(reason);
  }

  /** Once all is written: says so to the peer. It reads on, so that the peer's last bytes do not reset ours. */
  #endWhenEmpty(): void {
    if (this.queuedMessages > 0) return;
    this.#state = "ended";
    this.#connection.end();
  }

  /** Counts messages that this pipe still had when it ended. */
  #lose(count: number): void {
    if (count > 0) this.drop(this.#lossReason, count);
  }

  /** It takes no more messages. */
  #leave(state: "closing" | "closed" = "closing"): void {
    this.#state = state;
    this.#session.ended?.();
    this.#host.closing(this);
  }

  /** @param isOurs Whether it is for us to end the connection. */
  #finish(reason: SPError | undefined, isOurs = false): void {
    const wasOpen = this.#state === "attached";
    this.#state = "closed";
    this.#writer.stop();
    this.#reader.stop();
    if (wasOpen) this.#leave("closed");
    // Before what is lost is counted: only then does it know how much of its last write has left.
    if (isOurs) this.#connection.destroy();
    this.#host.closed(this, reason);
    clearTimeout(this.#patience);
    this.#lose(this.#writer.clear());
    this.#over?.resolve();
  }
}
