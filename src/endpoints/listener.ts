import { Endpoint, type EndpointHost } from "./endpoint.ts";
import { closedError } from "../base/errors.ts";
import type { ResolvedEndpointOptions } from "../surface/options.ts";
import type { Bindable, BoundListener } from "../contracts/transport.ts";
import { quiet } from "../base/wait.ts";

/** An address that a socket is bound to: what `socket.bind` resolves with. */
export interface Listener extends AsyncDisposable {
  /** The address in use: with the port that the operating system chose, where it was asked to. */
  readonly address: string;
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

  /** @param target The checked address. */
  constructor(
    host: EndpointHost,
    address: string,
    options: ResolvedEndpointOptions,
    target: Bindable,
  ) {
    super(host, address, options);
    this.#target = target;
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

  protected override async release(): Promise<void> {
    await this.#bound?.close();
  }
}
