import { badAddress } from "../src/address.ts";
import type { Connection } from "../src/connection.ts";
import type { SPError } from "../src/errors.ts";
import { checkPeer } from "../src/handshake.ts";
import type { Bindable, Dialable, Transport, TransportContext } from "../src/transport.ts";
import { InprocConnection } from "./inproc_connection.ts";
import { Exchange } from "./inproc_exchange.ts";

/** What is bound and dialled in this thread. */
export const THREAD: Exchange = new Exchange();

/**
 * Sockets of this program reach each other by name: `inproc://name`. Connecting before binding works.
 * Within a thread a message is handed over as it is; other threads are reached once they are attached.
 */
export class InprocTransport implements Transport {
  readonly schemes: readonly string[] = ["inproc"];
  readonly #exchange: Exchange;

  /** @param exchange Where names are looked up; this thread's by default. */
  constructor(exchange: Exchange = THREAD) {
    this.#exchange = exchange;
  }

  connect(address: string, rest: string): Dialable {
    if (rest === "") throw badAddress("connect", address, "no name, wanted one after inproc://");
    return { dial: (context) => this.#dial(rest, context) };
  }

  bind(address: string, rest: string): Bindable {
    if (rest === "") throw badAddress("bind", address, "no name, wanted one after inproc://");
    return {
      listen: ({ protocol, signal }, sink) =>
        this.#exchange.listen(rest, { protocol, sink }, signal),
    };
  }

  async #dial(name: string, { protocol, signal }: TransportContext): Promise<Connection> {
    const found = await this.#exchange.dial(name, signal);
    if (!("sink" in found)) return found;
    try {
      checkPeer(protocol, found.protocol.number);
    } catch (reason) {
      found.sink.rejected(`inproc://${name}`, reason as SPError);
      throw reason;
    }
    const [ours, theirs] = InprocConnection.pair(`inproc://${name}`);
    found.sink.connection(theirs);
    return ours;
  }
}
