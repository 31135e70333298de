import { Endpoint, type EndpointHost } from "./endpoint.ts";
import { closedError, SPError, wrapError } from "../base/errors.ts";
import {
  checkOptions,
  type ResolvedEndpointOptions,
  resolveEndpointOptions,
  type UpdateOptions,
  updateRules,
} from "../surface/options.ts";
import type { Bindable, BoundListener } from "../contracts/transport.ts";
import { quiet } from "../base/wait.ts";

/** An address that a socket is bound to: what `socket.bind` resolves with. */
export interface Listener extends AsyncDisposable {
  /** The address in use: with the port that the operating system chose, where it was asked to. */
  readonly address: string;
  /**
   * Changes options without binding again, such as a certificate that is about to expire. They hold for those who connect from
   * now on; peers stay. Of an option that is an object, what is left out stays as it is.
   *
   * @param options What changes. `tls+tcp://` and `wss://` take `tls`, other addresses nothing.
   * @throws {SPError} `EINVAL` if an option is wrong, or cannot change here; `ENOTSUP` if this runtime cannot do it; `ECLOSED`. Nothing
   * has changed then.
   *
   * @example
   * ```ts ignore
   * const listener = await pull.bind("tls+tcp://*:5555", { tls: { cert, key } });
   * listener.update({ tls: { cert: newCert, key: newKey } });
   * ```
   */
  update(options: UpdateOptions): void;
  /**
   * Takes in nobody else, and closes the connections that it took in, after what was accepted for
   * them is sent or `linger` is over.
   */
  close(): Promise<void>;
}

/** The numeric host in an address of a connection over IP. */
const HOST = /^[a-z][a-z\d+.-]*:\/\/(\[[\da-f:.]+(?:%[^\]]*)?\]|\d+(?:\.\d+){3}):\d+$/i;

/**
 * How long more handshakes than permitted may be under way, in milliseconds. Some runtimes accept all who have connected
 * before they read what the first of them has said.
 */
const GRACE = 1000;

/** Takes in who connects, as far as its limits permit, until it is closed. */
export class ListenerEndpoint extends Endpoint {
  readonly role = "bind";
  override readonly isOpenToAll: boolean = true;
  readonly #target: Bindable;
  #bound: BoundListener | undefined;
  /** The options, with what has changed since it was bound. */
  #current: ResolvedEndpointOptions;
  /** How many peers, with those on their way, each host has, where that is limited. */
  readonly #hosts: Map<string, number> = new Map();
  #makingWay: ReturnType<typeof setTimeout> | undefined;

  /** @param target The checked address. */
  constructor(
    host: EndpointHost,
    address: string,
    options: ResolvedEndpointOptions,
    target: Bindable,
  ) {
    super(host, address, options);
    this.#target = target;
    this.#current = options;
  }

  get address(): string {
    return this.#bound?.address ?? this.given;
  }

  /** Binds. */
  async start(): Promise<void> {
    const reserve = (remoteAddress: string): (() => void) | undefined => {
      if (!this.onTheWay.has(remoteAddress)) this.#checkLimits(remoteAddress);
      return this.host.reserve(remoteAddress);
    };
    this.#bound = await this.#target.listen({ ...this.context, reserve }, {
      arrived: (remoteAddress, giveWay) => this.#arrived(remoteAddress, giveWay),
      left: (remoteAddress) => this.#forget(remoteAddress),
      connection: (connection, release) => {
        if (!this.isClosed) return quiet(this.join(connection, release));
        release?.();
        connection.destroy();
      },
      rejected: (remoteAddress, reason) => {
        this.#forget(remoteAddress);
        this.refuse(remoteAddress, reason);
      },
      failed: (reason) => {
        this.count("acceptErrors");
        const endpoint = this.given;
        this.host.events.refused({ type: "accept-failed", endpoint, reason, count: 1 });
      },
    });
    if (this.isClosed) {
      await this.#bound.close();
      throw closedError("bind");
    }
  }

  /** Changes options for those who connect from now on. */
  update(given: UpdateOptions): void {
    const what = `Cannot update "${this.given}"`;
    if (this.isClosed) throw new SPError("ECLOSED", `${what}: it is closed`);
    if (this.#bound?.update === undefined) {
      throw new SPError("EINVAL", `${what}: none of its options can change while it is bound`);
    }
    checkOptions("update's options", given, updateRules());
    const options = resolveEndpointOptions(this.#current, given);
    try {
      this.#bound.update(options);
    } catch (error) {
      throw wrapError(what, error);
    }
    this.#current = options;
  }

  protected override async release(): Promise<void> {
    clearTimeout(this.#makingWay);
    await this.#bound?.close();
  }

  protected override enter(remoteAddress: string): void {
    // Who has arrived before has a place already.
    if (!this.#forget(remoteAddress)) this.#checkLimits(remoteAddress);
    this.#makeWay();
    this.#count(remoteAddress, 1);
  }

  protected override left(remoteAddress: string): void {
    this.#count(remoteAddress, -1);
  }

  /** The transport shakes hands with somebody: a place for it, or why there is none. */
  #arrived(remoteAddress: string, giveWay: () => void): SPError | undefined {
    if (this.isClosed) return closedError("take a peer in");
    try {
      this.enter(remoteAddress);
    } catch (error) {
      this.refuse(remoteAddress, error);
      return error as SPError;
    }
    this.onTheWay.set(remoteAddress, (reason) => {
      this.#forget(remoteAddress);
      if (reason !== undefined) this.refuse(remoteAddress, reason);
      giveWay();
    });
    return undefined;
  }

  /** Whoever had arrived is gone, or has become a connection. False if nobody had. */
  #forget(remoteAddress: string): boolean {
    const hadArrived = this.onTheWay.delete(remoteAddress);
    if (hadArrived) this.left(remoteAddress);
    return hadArrived;
  }

  /** Throws if one more is too many. */
  #checkLimits(remoteAddress: string): void {
    const { maxPeers, maxPeersPerHost } = this.options;
    const refused = `Refused ${remoteAddress}`;
    if (this.pipes.size + this.inProgress >= maxPeers) {
      const message = `${refused}: the listener has reached maxPeers, ${maxPeers}`;
      throw new SPError("EMAXPEERS", message);
    }
    const host = this.#hostOf(remoteAddress);
    if (host !== undefined && (this.#hosts.get(host) ?? 0) >= maxPeersPerHost) {
      const message = `${refused}: its host has reached maxPeersPerHost, ${maxPeersPerHost}`;
      throw new SPError("EMAXPEERSPERHOST", message);
    }
    this.host.checkRoom();
  }

  /** Has the oldest on their way give way, if one more is too many, and still is in a while. */
  #makeWay(): void {
    if (this.#makingWay !== undefined || this.inProgress < this.options.maxHandshakes) return;
    this.#makingWay = setTimeout(() => {
      this.#makingWay = undefined;
      const { maxHandshakes } = this.options;
      for (const giveWay of this.onTheWay.values()) {
        if (this.inProgress <= maxHandshakes) return;
        const message = "Closed the oldest handshake: " +
          `more are under way than maxHandshakes, ${maxHandshakes}`;
        giveWay(new SPError("EMAXHANDSHAKES", message));
      }
    }, GRACE);
  }

  #count(remoteAddress: string, more: 1 | -1): void {
    const host = this.#hostOf(remoteAddress);
    if (host === undefined) return;
    const count = (this.#hosts.get(host) ?? 0) + more;
    if (count > 0) this.#hosts.set(host, count);
    else this.#hosts.delete(host);
  }

  /** Whose connections are counted together; undefined if that is not limited, or it has no host. */
  #hostOf(remoteAddress: string): string | undefined {
    const { maxPeersPerHost } = this.options;
    return maxPeersPerHost === Infinity ? undefined : HOST.exec(remoteAddress)?.[1];
  }
}
