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

/** Takes in who connects, until it is closed. */
export class ListenerEndpoint extends Endpoint {
  readonly role = "bind";
  override readonly isOpenToAll: boolean = true;
  readonly #target: Bindable;
  #bound: BoundListener | undefined;
  /** The options, with what has changed since it was bound. */
  #current: ResolvedEndpointOptions;

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
    this.#bound = await this.#target.listen(this.context, {
      connection: (connection, release) => {
        if (!this.isClosed) return quiet(this.join(connection, release));
        release?.();
        connection.destroy();
      },
      rejected: (remoteAddress, reason) => this.refuse(remoteAddress, reason),
      failed: (reason) => {
        this.counters.acceptErrors++;
        this.host.events.emit({ type: "accept-failed", endpoint: this.given, reason });
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
    await this.#bound?.close();
  }
}
