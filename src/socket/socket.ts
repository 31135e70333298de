import type { Attachment } from "../endpoints/attachment.ts";
import { Core, type CoreOptions } from "./core.ts";
import type { Dialer } from "../endpoints/dialer.ts";
import type { SocketEvent } from "../surface/events.ts";
import type { Listener } from "../endpoints/listener.ts";
import type { MessageLike } from "../memory/message.ts";
import {
  type AttachOptions,
  type BindOptions,
  checkOptions,
  type ConnectOptions,
  MILLISECONDS,
  type SocketOptions,
} from "../surface/options.ts";
import type { Protocol, Receiving, Sending } from "../contracts/protocol.ts";
import type { ReceivedMessage } from "../receiving/receive_options.ts";
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";
import type { SocketStats } from "../surface/stats.ts";
import type { ByteDuplex } from "../endpoints/stream_connection.ts";
import type { Mount } from "../contracts/transport.ts";
import type { WaitOptions } from "../base/wait.ts";

/** Bytes that wait for one peer before it counts as full: several messages of 64 KiB, so that they are one write. */
export const DEFAULT_SEND_BUFFER: number = 512 * 1024;
/** The same where every peer gets every message, and a peer that is slow loses some. */
export const DEFAULT_BROADCAST_BUFFER: number = 1024 * 1024;
/** Bytes that wait for the reader before peers are pushed back. */
export const DEFAULT_RECEIVE_BUFFER: number = 2 * 1024 * 1024;

/** Options of `close`. */
export interface CloseOptions {
  /** How long to go on sending what was accepted, in milliseconds; the socket's `linger` if left out. */
  linger?: number;
}

/** Options of `drain`. */
export interface DrainOptions {
  /** How long it may take, in milliseconds; default `Infinity`. */
  timeout?: number;
}

/** What every socket can do, whatever its pattern. */
export abstract class Socket implements AsyncDisposable {
  readonly #core: Core;

  /**
   * Made by the patterns.
   *
   * @internal The build leaves what is tagged so out of the declarations (`stripInternal`): a pattern's parts are none of
   * the users' concern, and would be named there otherwise.
   */
  protected constructor(protocol: Protocol, options: Partial<CoreOptions>) {
    this.#core = new Core(protocol, {
      ...options,
      sendBuffer: options.sendBuffer ?? DEFAULT_SEND_BUFFER,
    });
  }

  /**
   * Binds to an address, for others to connect to; any number of addresses.
   *
   * @param address `tcp://127.0.0.1:5555`, `tcp://*:0` (any port; `*` as well), `tcp6://*:0`, `tcp://eth0:5555` (a network interface), `ipc:///tmp/service.ipc`, `inproc://name`,
   * `ws://*:8080`; or a `WebSocketMount`, which takes WebSockets out of a server that is there already.
   * @param options For this address; what is left out is taken from the socket's.
   * @returns Once the operating system has bound it. `listener.address` has the real port.
   * @throws {SPError} `EINVAL`, `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `ECLOSED`.
   */
  bind(address: string | Mount, options: BindOptions = {}): Promise<Listener> {
    return this.#core.bind(address, options);
  }

  /**
   * Connects to an address, now and again whenever the connection is lost; any number of addresses.
   *
   * Returns at once. Failed tries are events; `dialer.opened` resolves with the first peer.
   *
   * @param address As for `bind`, with a host; `tcp://10.0.0.1;example.org:5555` connects from 10.0.0.1,
   * `tcp://eth0;example.org:5555` from an address of that interface. An interface that is not there is a failed try.
   * @param options For this address; what is left out is taken from the socket's.
   * @throws {SPError} `EINVAL` if the address or an option is wrong, `ECLOSED`.
   */
  connect(address: string, options: ConnectOptions = {}): Dialer {
    return this.#core.connect(address, options);
  }

  /**
   * Takes any two streams of bytes for a peer: a process's standard output and input, a connection that somebody else
   * made, a channel of SSH, a stream of WebTransport. At the other end is another socket of this library, or what
   * speaks the TCP mapping, such as nng's `socket://`; neither end is the server.
   *
   * Returns at once; the streams are locked, and are used up when the peer has gone. Nobody connects again.
   *
   * @param streams `readable` is what the peer sends, `writable` what it is sent; `Uint8Array` chunks on both.
   * @param options For this peer; what is left out is taken from the socket's.
   * @throws {SPError} `EINVAL` if these are no streams, if they are locked, or if an option is wrong; `ECLOSED`.
   *
   * @example
   * ```ts
   * import { Pair } from "@nanostreams/nanostreams";
   *
   * await using left = new Pair();
   * await using right = new Pair();
   * const there = new TransformStream<Uint8Array, Uint8Array>();
   * const back = new TransformStream<Uint8Array, Uint8Array>();
   * left.attach({ readable: back.readable, writable: there.writable });
   * right.attach({ readable: there.readable, writable: back.writable });
   * await left.send("hello");
   * console.log(new TextDecoder().decode(await right.receive())); // "hello"
   * ```
   */
  attach(streams: ByteDuplex, options: AttachOptions = {}): Attachment {
    return this.#core.attach(streams, options);
  }

  /**
   * Resolves once so many peers are attached: what is sent then reaches all of them.
   *
   * @param count How many.
   * @param options A signal and a time that end the wait.
   * @throws {SPError} `ECLOSED`, `EINVAL`, `ETIMEDOUT` after `timeout`; or the signal's reason.
   */
  peers(count: number, options?: WaitOptions): Promise<void> {
    return this.#core.peers(count, options);
  }

  /** What happens from now on: peers come and go, connections fail, messages are dropped. Ends with the socket. */
  events(): ReadableStream<SocketEvent> {
    return this.#core.events.open();
  }

  /** What was counted so far. */
  stats(): SocketStats {
    return this.#core.stats();
  }

  /**
   * Closes the socket: sends what was accepted, for `linger` at the longest, and lets go of everything.
   * What is left then is dropped, counted and told as an event. Of the calls after the first, one with a `linger` that is
   * over earlier shortens the first's; otherwise they change nothing.
   *
   * @param options Another `linger` than the socket's.
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      checkOptions("close's options", options, { linger: MILLISECONDS });
      return this.#core.close(options.linger);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Closes the socket without losing work: it makes no new peers and takes nothing new to send, while all that was accepted is
   * sent, all that has come is handed out (to `receive`, `readable`, `serve`), questions are answered, requests get their
   * replies and surveys run to their end. Then it closes. `timeout` ends that early; what is left then is dropped and counted.
   *
   * Peers of this library stop sending when a socket drains, and lose nothing that they had begun to send.
   *
   * @param options How long it may take, in milliseconds; default `Infinity`.
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@nanostreams/nanostreams";
   *
   * await using push = new Push();
   * const pull = new Pull();
   * await pull.bind("inproc://jobs");
   * push.connect("inproc://jobs");
   * await push.send("the last job");
   * await push.drain();
   * const drained = pull.drain({ timeout: 1000 });
   * for await (const job of pull) console.log(new TextDecoder().decode(job)); // "the last job"
   * await drained;
   * ```
   */
  drain(options: DrainOptions = {}): Promise<void> {
    try {
      checkOptions("drain's options", options, { timeout: MILLISECONDS });
      return this.#core.drain(options.timeout ?? Infinity);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Resolves when the socket is closed. */
  get closed(): Promise<void> {
    return this.#core.closedWaiter.promise;
  }

  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * A socket that only sends.
 *
 * @typeParam Chunk What it takes as a message.
 */
export abstract class SendSocket<Chunk = MessageLike> extends Socket implements Sender<Chunk> {
  readonly #sendQueue: Sending<Chunk>;

  /** @internal Made by the patterns. */
  protected constructor(
    protocol: Protocol & { readonly sendQueue: Sending<Chunk> },
    options: Partial<CoreOptions>,
  ) {
    super(protocol, options);
    this.#sendQueue = protocol.sendQueue;
    this.#sendQueue.onEnd((linger) => this.close({ ...(linger !== undefined && { linger }) }));
  }

  /** Messages to send, as a stream; closing it closes the socket, aborting it drops what waits. */
  get writable(): WritableStream<Chunk> {
    return this.#sendQueue.writable;
  }

  /**
   * Sends one message. Resolves when it has a place in a queue; a peer's answer is another thing.
   *
   * A message of up to 16 KiB is copied at once: its memory is yours again. A larger one is not, and must not be changed until
   * it is sent, nor ever over `inproc://`, where receivers get the same memory; `transfer` gives it away instead.
   *
   * @param message Text (as UTF-8), bytes, or a view of bytes.
   * @param options A signal and a time that end the wait for a place.
   * @throws {SPError} `ECLOSED`, `EINVAL`, `ETIMEDOUT` after `timeout`, or else `sendTimeout`; or the signal's reason.
   */
  send(message: Chunk, options?: WaitOptions): Promise<void> {
    return this.#sendQueue.send(message, options);
  }
}

/**
 * A socket that only receives.
 *
 * @typeParam Message What it hands out.
 */
export abstract class ReceiveSocket<Message = Uint8Array<ArrayBuffer>> extends Socket
  implements Receiver<Message> {
  readonly #receiveQueue: Receiving<Message>;

  /** @internal Made by the patterns. */
  protected constructor(
    protocol: Protocol & { readonly receiveQueue: Receiving<Message> },
    options: SocketOptions,
  ) {
    super(protocol, options);
    this.#receiveQueue = protocol.receiveQueue;
    this.#receiveQueue.onCancel(() => this.close());
  }

  /**
   * The messages that come, as a stream; cancelling it closes the socket.
   *
   * Its readers, and `for await`, take each message from where it waits. `pipeTo`, `pipeThrough` and `tee` may be handed
   * some ahead, up to 64 messages or 64 KiB, except from a SUB or a surveyor.
   */
  get readable(): ReadableStream<Message> {
    return this.#receiveQueue.readable;
  }

  /**
   * Takes the next message.
   *
   * @param options A signal and a time that end the wait.
   * @throws {SPError} `ECLOSED`, `ETIMEDOUT` after `timeout`, or else `receiveTimeout`; or the signal's reason.
   */
  receive(options?: WaitOptions): Promise<Message> {
    return this.#receiveQueue.receive(options);
  }

  /**
   * Takes all messages that have come, in order, up to 4,096; waits for the first. That is the fastest way to take small
   * messages: `npm run bench -- throughput` has it as "batches", beside "calls" and "streams".
   *
   * @param options A signal that ends the wait.
   * @throws {SPError} As `receive`.
   */
  receiveBatch(options?: WaitOptions): Promise<Message[]> {
    return this.#receiveQueue.receiveBatch(options);
  }

  /**
   * Takes message after message as the loop over the socket does, each with who has sent it.
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@nanostreams/nanostreams";
   *
   * await using pull = new Pull();
   * await pull.bind("inproc://signed");
   * await using push = new Push();
   * push.connect("inproc://signed");
   * await push.send("hello");
   * for await (const { message, peer } of pull.messages()) {
   *   console.log(peer.protocol, new TextDecoder().decode(message)); // "push" "hello"
   *   break;
   * }
   * ```
   */
  messages(): AsyncIterableIterator<ReceivedMessage<Message>> {
    return this.#receiveQueue.messages();
  }

  /** Takes message after message until the socket is closed. Leaving the loop leaves the socket open. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this.#receiveQueue.iterate();
  }
}

/**
 * A socket that sends and receives.
 *
 * @typeParam Chunk What it takes as a message.
 * @typeParam Message What it hands out.
 */
export abstract class DuplexSocket<Chunk = MessageLike, Message = Uint8Array<ArrayBuffer>>
  extends ReceiveSocket<Message>
  implements Sender<Chunk> {
  readonly #sendQueue: Sending<Chunk>;

  /** @internal Made by the patterns. */
  protected constructor(
    protocol: Protocol & {
      readonly receiveQueue: Receiving<Message>;
      readonly sendQueue: Sending<Chunk>;
    },
    options: Partial<CoreOptions>,
  ) {
    super(protocol, options);
    this.#sendQueue = protocol.sendQueue;
    let ended = 0;
    const end = (): void => {
      if (++ended === 2) this.close();
    };
    protocol.receiveQueue.onCancel(end);
    protocol.sendQueue.onEnd(end);
  }

  /** Messages to send, as a stream. Closing it and cancelling `readable` closes the socket. */
  get writable(): WritableStream<Chunk> {
    return this.#sendQueue.writable;
  }

  /**
   * Sends one message. Resolves when it has a place in a queue; a peer's answer is another thing.
   *
   * A message of up to 16 KiB is copied at once: its memory is yours again. A larger one is not, and must not be changed until
   * it is sent, nor ever over `inproc://`, where receivers get the same memory; `transfer` gives it away instead.
   *
   * @param message Text (as UTF-8), bytes, or a view of bytes.
   * @param options A signal and a time that end the wait for a place.
   * @throws {SPError} `ECLOSED`, `EINVAL`, `ETIMEDOUT` after `timeout`, or else `sendTimeout`; or the signal's reason.
   */
  send(message: Chunk, options?: WaitOptions): Promise<void> {
    return this.#sendQueue.send(message, options);
  }
}
