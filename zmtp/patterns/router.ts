import { SPError } from "../../src/base/errors.ts";
import type { Dialer } from "../../src/endpoints/dialer.ts";
import type { MessageLike } from "../../src/memory/message.ts";
import { describe } from "../../src/memory/message.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { makeRoom, type Overflow, type Router as Routing } from "../../src/pipes/routing.ts";
import { SendQueue } from "../../src/pipes/send_queue.ts";
import { DuplexSocket } from "../../src/socket/socket.ts";
import { BOOLEAN, oneOf } from "../../src/base/rules.ts";
import type { ConnectOptions } from "../../src/surface/options.ts";
import {
  checkRoutingId,
  checkZmtpOptions,
  IDENTITY_RULES,
  PROBE_RULES,
  ZMTP_RECEIVE_RULES,
  ZMTP_SEND_RULES,
  type ZmtpIdentityOptions,
  type ZmtpOptions,
  type ZmtpProbeOptions,
  type ZmtpReceiveOptions,
  type ZmtpSendOptions,
} from "../options.ts";
import { coreOptions, zmtpProtocol } from "../protocol.ts";
import {
  type Frames,
  type FramesLike,
  keepFrames,
  type OutgoingFrames,
  toFrames,
} from "../wire/frames.ts";
import { prober } from "./probe.ts";
import { framesIn, Teller } from "./queues.ts";
import { keyOf, nextRoutingId } from "./routing_ids.ts";

/** Options of {@linkcode Router}. */
export interface RouterOptions
  extends ZmtpOptions, ZmtpSendOptions, ZmtpReceiveOptions, ZmtpIdentityOptions, ZmtpProbeOptions {
  /**
   * What happens when a peer comes with a routing id that another one has. True (the default): it takes over the id, and the old connection
   * is closed, with the event `detached` and `EBUSY`. False: it is refused, with the event `rejected` and `EBUSY`.
   */
  handover?: boolean;
  /**
   * Whether `send` rejects with `EHOSTUNREACH` if no peer has the routing id, and waits if that peer's queue is full. Default false: the
   * message is dropped, counted (`unroutable` or `overflow`) and told as an event.
   */
  mandatory?: boolean;
  /** Which message is dropped when a peer's queue is full, unless `mandatory`; default `"drop-newest"`, the one that is being sent. */
  overflow?: Exclude<Overflow, "block">;
}

/** Options of {@linkcode Router.connect}. */
export interface RouterConnectOptions extends ConnectOptions {
  /** The routing id of the peer at this address, whatever it calls itself: text or bytes, 1 to 255 of them, the first not zero. */
  routingId?: MessageLike;
}

/**
 * ROUTER: addresses each of its peers by a name, the routing id (RFC 28).
 *
 * The first frame of each message is a routing id: of the peer that sent it, or of the peer that it is for. A peer that gives itself no name
 * gets an id of five bytes, a zero and a number. What is sent has at least two frames; otherwise `send` rejects with `EINVAL`.
 *
 * @example
 * ```ts
 * import { Dealer, Router } from "@nanostreams/nanostreams/zmtp";
 *
 * await using router = new Router();
 * await router.bind("inproc://zmtp-router");
 * await using worker = new Dealer({ routingId: "worker 1" });
 * worker.connect("inproc://zmtp-router");
 * await worker.send("ready");
 * const [id, message] = await router.receive();
 * await router.send([id!, "job for", message!]);
 * console.log((await worker.receive()).length); // 2
 * ```
 */
export class Router extends DuplexSocket<FramesLike, Frames> {
  readonly #table: RoutingTable;

  /**
   * Makes a ROUTER socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: RouterOptions = {}) {
    checkZmtpOptions(
      "router",
      options,
      ZMTP_SEND_RULES,
      ZMTP_RECEIVE_RULES,
      IDENTITY_RULES,
      PROBE_RULES,
      { handover: BOOLEAN, mandatory: BOOLEAN, overflow: oneOf("drop-oldest", "drop-newest") },
    );
    const teller = new Teller();
    const table = new RoutingTable(options, teller);
    const sendQueue = new SendQueue<FramesLike, Addressed>({
      router: table,
      prepare: toAddressed,
      keep: ({ key, frames }) => ({ key, frames: keepFrames(frames) }),
      sendTimeout: options.sendTimeout ?? Infinity,
      onWait: () => teller.waits(true),
    });
    super({
      id: zmtpProtocol("ROUTER", options),
      receiveQueue: framesIn(options),
      sendQueue,
      opened: teller.opened,
      ...prober(options),
      inbound: (pipe) => {
        const id = table.idOf(pipe);
        return {
          transform: (message: Frames, controller) => {
            message.unshift(new Uint8Array(id));
            controller.enqueue(message as never);
          },
        };
      },
    }, coreOptions(options));
    this.#table = table;
  }

  /**
   * Connects to an address, as every socket does, and may give the peer there a routing id.
   *
   * @param address As for every socket.
   * @param options For this address; what is left out is taken from the socket's.
   * @throws {SPError} `EINVAL` if the address or an option is wrong, `ECLOSED`.
   */
  override connect(address: string, options: RouterConnectOptions = {}): Dialer {
    const { routingId, ...rest } = options;
    if (routingId === undefined) return super.connect(address, rest);
    const id = checkRoutingId(routingId);
    const dialer = super.connect(address, rest);
    const forget = this.#table.name(address, id);
    const close = (): Promise<void> => {
      forget();
      return dialer.close();
    };
    return { ...dialer, close, [Symbol.asyncDispose]: close };
  }
}

/** A message, and the key of the peer that it is for. */
interface Addressed {
  readonly key: string;
  readonly frames: OutgoingFrames;
}

function toAddressed(message: FramesLike): Addressed {
  if (Array.isArray(message) && message.length >= 2) {
    const [id, ...frames] = message as readonly MessageLike[];
    return { key: keyOf(toFrames(id!) as Uint8Array), frames: toFrames(frames) };
  }
  const given = Array.isArray(message) ? `an array of ${message.length}` : describe(message);
  throw new SPError(
    "EINVAL",
    `Cannot send ${given} by a router: expected a routing id, then frames`,
  );
}

/** Who is called what. */
class RoutingTable implements Routing<Addressed> {
  readonly #options: RouterOptions;
  readonly #teller: Teller;
  readonly #pipes: Map<string, Pipe> = new Map();
  readonly #ids: Map<Pipe, Uint8Array<ArrayBuffer>> = new Map();
  /** Names given to peers by the addresses that were connected to: as many as there were such calls. */
  readonly #names: Map<string, Uint8Array<ArrayBuffer>[]> = new Map();

  constructor(options: RouterOptions, teller: Teller) {
    this.#options = options;
    this.#teller = teller;
  }

  get pending(): number {
    return 0;
  }

  /** Names who is reached by an address. Returns what takes the name back. */
  name(address: string, id: Uint8Array<ArrayBuffer>): () => void {
    const names = this.#names.get(address) ?? [];
    this.#names.set(address, [...names, id]);
    return () => {
      const others = this.#names.get(address)?.filter((other) => other !== id) ?? [];
      if (others.length > 0) this.#names.set(address, others);
      else this.#names.delete(address);
    };
  }

  /** What a peer is called. */
  idOf(pipe: Pipe): Uint8Array {
    return this.#ids.get(pipe)!;
  }

  attach(pipe: Pipe): void {
    const id = this.#choose(pipe);
    const key = keyOf(id);
    const other = this.#pipes.get(key);
    if (other !== undefined && this.#options.handover === false) {
      const { remoteAddress } = pipe.peer;
      const what = `Refused ${remoteAddress}: ${other.peer.remoteAddress} has its routing id`;
      throw new SPError("EBUSY", what);
    }
    this.#pipes.set(key, pipe);
    this.#ids.set(pipe, id);
    if (other === undefined) return;
    const { remoteAddress } = other.peer;
    const why = `${pipe.peer.remoteAddress} has come with the same routing id`;
    other.destroy(new SPError("EBUSY", `Closed the connection to ${remoteAddress}: ${why}`));
  }

  detach(pipe: Pipe): void {
    const id = this.#ids.get(pipe);
    if (id === undefined) return;
    const key = keyOf(id);
    if (this.#pipes.get(key) === pipe) this.#pipes.delete(key);
    this.#ids.delete(pipe);
  }

  ready(_pipe: Pipe): void {}

  send({ key, frames }: Addressed): boolean {
    const { mandatory, overflow = "drop-newest" } = this.#options;
    const pipe = this.#pipes.get(key);
    if (pipe === undefined) {
      if (mandatory === true) {
        const id = describe(key);
        throw new SPError("EHOSTUNREACH", `Cannot send to routing id ${id}: nobody has it`);
      }
      this.#teller.lose("unroutable", 1);
    } else if (!pipe.full) pipe.send(frames);
    else if (mandatory === true) return false;
    else if (makeRoom(pipe, overflow)) pipe.send(frames);
    return true;
  }

  /** What a peer says that it is called, unless it says nothing, or what only we give. */
  #choose({ peer: { role, endpoint, identity } }: Pipe): Uint8Array<ArrayBuffer> {
    const names = role === "connect" ? this.#names.get(endpoint) ?? [] : [];
    const named = names.find((name) => !this.#pipes.has(keyOf(name))) ?? names[0];
    if (named !== undefined) return named;
    return identity === undefined || identity.length === 0 || identity[0] === 0
      ? nextRoutingId()
      : identity;
  }
}
