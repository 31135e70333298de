import { badAddress } from "../../src/surface/address.ts";
import type { Connection } from "../../src/contracts/connection.ts";
import { SPError } from "../../src/base/errors.ts";
import type { ProtocolId } from "../../src/contracts/protocol.ts";
import type {
  Bindable,
  Dialable,
  Transport,
  TransportContext,
} from "../../src/contracts/transport.ts";
import { InprocConnection } from "./connection.ts";
import { type Bound, InprocRegistry } from "./registry.ts";

/** What is bound and dialled in this thread. */
export const THREAD: InprocRegistry = new InprocRegistry();

/**
 * Sockets of this program reach each other by name: `inproc://name`. Connecting before binding works.
 * Within a thread a message is handed over as it is; other threads are reached once they are attached.
 */
export class InprocTransport implements Transport {
  readonly schemes: readonly string[] = ["inproc"];
  readonly #registry: InprocRegistry;

  /** @param registry Where names are looked up; this thread's by default. */
  constructor(registry: InprocRegistry = THREAD) {
    this.#registry = registry;
  }

  connect(address: string, rest: string): Dialable {
    if (rest === "") throw badAddress("connect", address, "no name, expected one after inproc://");
    return { dial: (context) => this.#dial(rest, context) };
  }

  bind(address: string, rest: string): Bindable {
    if (rest === "") throw badAddress("bind", address, "no name, expected one after inproc://");
    return {
      listen: ({ protocol, signal, reserve }, sink) =>
        this.#registry.listen(rest, { protocol, sink, reserve }, signal),
    };
  }

  async #dial(name: string, context: TransportContext): Promise<Connection> {
    context.reached?.();
    const found = await this.#registry.dial(name, context.signal);
    if (!("sink" in found)) return found;
    const address = `inproc://${name}`;
    context.reserve?.(address);
    const release = welcome(found, address, context.protocol);
    const [ours, theirs] = InprocConnection.pair(address);
    found.sink.connection(theirs, release);
    return ours;
  }
}

/** Whether a peer may come; if not, both sides are told. Returns what gives its place back. */
function welcome(bound: Bound, address: string, protocol: ProtocolId): (() => void) | undefined {
  try {
    protocol.checkPeer(bound.protocol);
    // Theirs may be of another wire, which only one of the two looks for.
    bound.protocol.checkPeer(protocol);
    return bound.reserve?.(address);
  } catch (cause) {
    const reason = cause as SPError;
    bound.sink.rejected(address, reason);
    if (reason.code === "EPROTO") throw reason;
    const why = reason.code === "EBUSY"
      ? "the socket there takes one peer, and has it"
      : "the socket there has reached its limit on peers";
    const message = `Cannot connect to "${address}": ${why}`;
    throw new SPError("EREJECTED", message, { cause });
  }
}
