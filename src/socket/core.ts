import { admit, type Admitted } from "./admission.ts";
import { AttachedEndpoint, type Attachment } from "../endpoints/attachment.ts";
import type { Connection } from "../contracts/connection.ts";
import { type Dialer, DialerEndpoint } from "../endpoints/dialer.ts";
import type { Endpoint, EndpointHost } from "../endpoints/endpoint.ts";
import { closedError, SPError, wrapError } from "../base/errors.ts";
import { type DropReason, EventHub } from "../surface/events.ts";
import { type Listener, ListenerEndpoint } from "../endpoints/listener.ts";
import {
  ATTACH_RULES,
  type AttachOptions,
  type BindOptions,
  bindRules,
  checkOptions,
  type ConnectOptions,
  connectRules,
  type ResolvedEndpointOptions,
  resolveEndpointOptions,
  type SocketOptions,
} from "../surface/options.ts";
import { Pipe } from "../pipes/pipe.ts";
import type { PipeHost } from "../pipes/pipe_host.ts";
import type { Protocol, WireProtocolId } from "../contracts/protocol.ts";
import {
  addDrops,
  addTraffic,
  type ConnectionCounter,
  noConnections,
  noTraffic,
  type SocketStats,
  type TrafficCounter,
} from "../surface/stats.ts";
import { type ByteDuplex, StreamConnection } from "../endpoints/stream_connection.ts";
import type { Bindable, Mount } from "../contracts/transport.ts";
import { endpointStats, peerStats } from "./snapshots.ts";
import { findTransport } from "../surface/transports.ts";
import {
  Deadline,
  quiet,
  RESOLVED,
  WAIT_RULES,
  Waiter,
  type WaitOptions,
  within,
} from "../base/wait.ts";

/** How long `close` goes on sending, in milliseconds. */
const DEFAULT_LINGER = 1000;
/** How long a connection may take to be over once it is let go, in milliseconds. */
const LONGEST_END = 1000;

/** The number of the last streams that were attached under no name of their own. */
let lastStream = 0;

/** What the core is told of a socket's queue out. */
export interface CoreOptions extends SocketOptions {
  /** Bytes that may wait for one peer. */
  readonly sendBuffer: number;
  /** Messages that may wait for one peer; any number, if left out. */
  readonly sendHighWaterMark?: number;
}

/**
 * A socket's insides: endpoints make connections, connections become pipes, pipes and the pattern are
 * brought together, and all of it is taken down in order.
 */
export class Core implements EndpointHost, PipeHost {
  readonly events: EventHub = new EventHub();
  /** What endpoints have counted: {@linkcode EndpointHost}. */
  readonly connections: ConnectionCounter = noConnections();
  /** Settles when the socket is closed. */
  readonly closedWaiter: Waiter<void> = new Waiter();
  readonly #protocol: Protocol;
  readonly #options: CoreOptions;
  readonly #endpoints: Set<Endpoint> = new Set();
  readonly #pipes: Map<Pipe, Endpoint> = new Map();
  readonly #peersWaiting: Set<{ readonly count: number; readonly waiter: Waiter<void> }> =
    new Set();
  /** Traffic of peers that are gone, and drops that are no peer's. */
  readonly #past: TrafficCounter = noTraffic();
  #bindErrors = 0;
  #closing: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  /** Until when it goes on sending, once it is closing. */
  #deadline: Deadline | undefined;

  /** @param protocol The pattern. @param options Checked. */
  constructor(protocol: Protocol, options: CoreOptions) {
    this.#protocol = protocol;
    this.#options = options;
    protocol.opened?.({
      lose: (reason, count) => this.#lose(reason, count),
      emit: (event) => this.events.emit(event),
    });
  }

  get protocol(): WireProtocolId {
    return this.#protocol.id;
  }

  /** Whether it is closed or about to be. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Peers now. */
  get pipes(): IterableIterator<Pipe> {
    return this.#pipes.keys();
  }

  /** Binds to an address, or to what stands for one. */
  async bind(to: string | Mount, given: BindOptions): Promise<Listener> {
    this.#checkOpen("bind");
    checkOptions("bind's options", given, bindRules());
    const options = resolveEndpointOptions(this.#options, given);
    const { address, target } = isMount(to)
      ? { address: to.address, target: to }
      : { address: to, target: this.#bindable(to, options) };
    const endpoint = new ListenerEndpoint(this, address, options, target);
    this.#endpoints.add(endpoint);
    try {
      await endpoint.start();
    } catch (error) {
      this.#endpoints.delete(endpoint);
      this.#bindErrors++;
      throw wrapError(`Cannot bind to "${address}"`, error);
    }
    const close = (): Promise<void> => this.#closeEndpoint(endpoint);
    return {
      get address(): string {
        return endpoint.address;
      },
      update: (options) => endpoint.update(options),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  /** Connects to an address, from now on. */
  connect(address: string, given: ConnectOptions): Dialer {
    this.#checkOpen("connect");
    checkOptions("connect's options", given, connectRules());
    const { signal, timeout, ...own } = given;
    const options = resolveEndpointOptions(this.#options, own);
    const { transport, rest } = findTransport("connect", address);
    const target = transport.connect(address, rest, options, this.protocol);
    const endpoint = new DialerEndpoint(this, address, options, target, { signal, timeout });
    this.#endpoints.add(endpoint);
    endpoint.start();
    const close = (): Promise<void> => this.#closeEndpoint(endpoint);
    return { address, opened: endpoint.opened, close, [Symbol.asyncDispose]: close };
  }

  /** Takes streams for a peer. */
  attach(streams: ByteDuplex, given: AttachOptions): Attachment {
    this.#checkOpen("attach");
    checkOptions("attach's options", given, ATTACH_RULES);
    const { framing = "tcp", role = "connect", ...rest } = given;
    const address = given.address ?? `stream://${++lastStream}`;
    const options = resolveEndpointOptions(this.#options, rest);
    const connection = new StreamConnection(streams, address, framing);
    const endpoint = new AttachedEndpoint(this, options, connection, role);
    this.#endpoints.add(endpoint);
    endpoint.start();
    const { opened, closed } = endpoint;
    const close = (): Promise<void> => this.#closeEndpoint(endpoint);
    return { address, opened, closed, close, [Symbol.asyncDispose]: close };
  }

  #bindable(address: string, options: ResolvedEndpointOptions): Bindable {
    const { transport, rest } = findTransport("bind", address);
    return transport.bind(address, rest, options, this.protocol);
  }

  /** Resolves once so many peers are attached. */
  peers(count: number, options: WaitOptions = {}): Promise<void> {
    if (!Number.isInteger(count) || count < 0) {
      const message = `Cannot wait for ${count} peers: expected a whole number, 0 or more`;
      return Promise.reject(new SPError("EINVAL", message));
    }
    try {
      checkOptions("the options of peers", options, WAIT_RULES);
      options.signal?.throwIfAborted();
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.isClosing) return Promise.reject(closedError("wait for peers"));
    if (this.#pipes.size >= count) return RESOLVED;
    const { signal, timeout = Infinity } = options;
    const waiting = {
      count,
      waiter: new Waiter<void>(signal, () => this.#peersWaiting.delete(waiting)),
    };
    this.#peersWaiting.add(waiting);
    return waiting.waiter.limit(timeout, `wait for ${count} peers`).promise;
  }

  /** Everything that was counted. */
  stats(): SocketStats {
    const total = noTraffic();
    addTraffic(total, this.#past);
    for (const pipe of this.#pipes.keys()) addTraffic(total, pipe);
    return {
      protocol: this.#protocol.id.name,
      ...total,
      queuedMessages: this.#protocol.receiveQueue?.length ?? 0,
      bindErrors: this.#bindErrors,
      missedEvents: this.events.missed,
      connections: { ...this.connections, rejections: { ...this.connections.rejections } },
      endpoints: Array.from(this.#endpoints, endpointStats),
      peers: Array.from(this.#pipes.keys(), peerStats),
    };
  }

  /** Sends what was accepted, within `linger`, and takes everything down; a shorter one counts while it does. */
  close(linger?: number): Promise<void> {
    if (linger !== undefined) this.#deadline?.shorten(linger);
    this.#deadline ??= new Deadline(linger ?? this.#linger());
    return this.#closing ??= this.#close(this.#deadline);
  }

  /**
   * Takes no new work, has done what was accepted and what has come, for so long at the longest, then closes.
   *
   * Peers are told that we end what we send, and what they had sent before they answer in kind is still handed out. But who
   * answers questions ends only when all that have come are answered, since a peer takes the end for that of the answers.
   */
  drain(timeout: number): Promise<void> {
    if (this.isClosing) return this.closedWaiter.promise;
    return this.#draining ??= Promise.race([
      this.#drain(new Deadline(timeout)),
      this.closedWaiter.promise,
    ]);
  }

  /** Makes a connection a peer: {@linkcode EndpointHost}. */
  admit(connection: Connection, endpoint: Endpoint, release?: () => void): Promise<Pipe> {
    const attach = (admitted: Admitted): Pipe => this.#attach(connection, endpoint, admitted);
    return admit(this.#protocol, connection, endpoint, release, attach);
  }

  /** Takes the one place of a socket that has one peer at a time: {@linkcode EndpointHost}. */
  reserve(remoteAddress: string): (() => void) | undefined {
    return this.#protocol.sendQueue?.seat?.reserve(remoteAddress);
  }

  /** Throws if there is no place for another peer: {@linkcode EndpointHost}. */
  checkRoom(): void {
    const { maxPeers = Infinity } = this.#options;
    if (maxPeers === Infinity) return;
    let taken = this.#pipes.size;
    for (const { inProgress } of this.#endpoints) taken += inProgress;
    if (taken < maxPeers) return;
    const message = `Cannot take another peer: the socket has reached maxPeers, ${maxPeers}`;
    throw new SPError("EMAXPEERS", message);
  }

  /** An endpoint is closed: {@linkcode EndpointHost}. */
  forget(endpoint: Endpoint): void {
    this.#endpoints.delete(endpoint);
  }

  /** A pipe has room: {@linkcode PipeHost}. */
  ready(pipe: Pipe): void {
    this.#protocol.sendQueue?.ready(pipe);
    this.#protocol.receiveQueue?.wake();
  }

  /** A pipe takes nothing more: {@linkcode PipeHost}. */
  closing(pipe: Pipe): void {
    this.#pipes.get(pipe)?.closing(pipe);
    this.#protocol.detach?.(pipe);
    this.#protocol.sendQueue?.detach(pipe);
  }

  /** What a pipe had not sent can be taken back: {@linkcode PipeHost}. */
  reclaim(pipe: Pipe): void {
    this.#protocol.sendQueue?.reclaim(pipe);
  }

  /** A pipe has ended: {@linkcode PipeHost}. */
  closed(pipe: Pipe, reason: SPError | undefined): void {
    this.#protocol.sendQueue?.reclaim(pipe);
    const endpoint = this.#pipes.get(pipe);
    this.#pipes.delete(pipe);
    this.#protocol.receiveQueue?.wake();
    addTraffic(this.#past, pipe);
    this.events.emit({ type: "detached", peer: pipe.peer, ...(reason && { reason }) });
    endpoint?.lost(pipe, reason);
  }

  /** A control frame has come by a pipe: {@linkcode PipeHost}. */
  control(pipe: Pipe, frame: object): void {
    this.#protocol.control?.(pipe, frame);
  }

  /** Messages were lost on a pipe: {@linkcode PipeHost}. */
  dropped(pipe: Pipe, reason: DropReason, count: number, error?: unknown): void {
    if (!this.#pipes.has(pipe)) addDrops(this.#past.drops, { [reason]: count });
    this.events.dropped(pipe.peer, reason, count, error);
  }

  #checkOpen(what: string): void {
    if (this.isClosing || this.#draining !== undefined) throw closedError(what);
  }

  #attach(connection: Connection, endpoint: Endpoint, { session, peer, first }: Admitted): Pipe {
    const { receiveQueue, sendQueue } = this.#protocol;
    const secured = session.secure?.(connection, first);
    const pipe = new Pipe(secured ?? connection, session, this, {
      ...this.#options,
      ...endpoint.options,
      peer,
    });
    sendQueue?.attach(pipe);
    this.#protocol.attach?.(pipe);
    this.#pipes.set(pipe, endpoint);
    endpoint.joined(pipe, connection);
    this.events.emit({ type: "attached", peer });
    pipe.start(this.#protocol.inbound?.(pipe), receiveQueue?.open(pipe), secured ? [] : first);
    sendQueue?.pump();
    for (const waiting of this.#peersWaiting) {
      if (this.#pipes.size < waiting.count) continue;
      this.#peersWaiting.delete(waiting);
      waiting.waiter.resolve();
    }
    return pipe;
  }

  async #closeEndpoint(endpoint: Endpoint): Promise<void> {
    await endpoint.stop();
    await this.#closePipes([...endpoint.pipes], new Deadline(this.#linger()));
  }

  #linger(): number {
    return this.#options.linger ?? DEFAULT_LINGER;
  }

  /** Closes pipes, gives them until then to write what they have, then lets go. */
  async #closePipes(pipes: readonly Pipe[], deadline: Deadline): Promise<void> {
    await deadline.meet(Promise.all(pipes.map((pipe) => pipe.close())));
    for (const pipe of pipes) pipe.abandon();
    // A connection tells what has left once it is over, which takes no time, but is no promise of the operating system's.
    await within(LONGEST_END, Promise.all(pipes.map((pipe) => pipe.close())));
  }

  async #drain(deadline: Deadline): Promise<void> {
    const { receiveQueue, sendQueue } = this.#protocol;
    const own = this.#protocol.drain?.();
    if (own === undefined) sendQueue?.close();
    // What was accepted may need a peer that is still to come.
    await deadline.meet(own ?? sendQueue?.drained() ?? RESOLVED);
    await deadline.meet(Promise.all([...this.#endpoints].map((endpoint) => endpoint.finish())));
    for (const endpoint of this.#endpoints) quiet(endpoint.stop());
    const ended = [...this.#pipes.keys()].map((pipe) => pipe.close(own === undefined));
    await deadline.meet(Promise.all(ended));
    await deadline.meet(receiveQueue?.emptied() ?? RESOLVED);
    await this.close(deadline.isOver ? 0 : undefined);
  }

  async #close(deadline: Deadline): Promise<void> {
    const { receiveQueue, sendQueue } = this.#protocol;
    const reason = closedError("go on");
    sendQueue?.close();
    const unread = receiveQueue?.close() ?? 0;
    for (const { waiter } of this.#peersWaiting) waiter.cancel(reason);
    this.#peersWaiting.clear();
    if (this.#protocol.settle !== undefined) await deadline.meet(this.#protocol.settle());
    const unsent = this.#protocol.close?.(reason) ?? 0;
    if (sendQueue !== undefined && this.#endpoints.size > 0) {
      await deadline.meet(sendQueue.drained());
    }
    await Promise.all([...this.#endpoints].map((endpoint) => endpoint.stop()));
    await this.#closePipes([...this.#pipes.keys()], deadline);
    this.#lose("closed", unread + unsent + (sendQueue?.abandon(reason) ?? 0));
    this.events.close();
    this.closedWaiter.resolve();
  }

  /** Counts messages that were lost on no pipe. */
  #lose(reason: DropReason, count: number): void {
    if (count === 0) return;
    addDrops(this.#past.drops, { [reason]: count });
    this.events.dropped(undefined, reason, count);
  }
}

function isMount(to: string | Mount): to is Mount {
  return typeof to === "object" && to !== null && typeof to.listen === "function";
}
