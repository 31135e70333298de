/**
 * A transport from outside: `memory://name`, over pairs of in-memory streams, made of nothing but what `mod.ts` exports.
 */
import {
  type Bindable,
  type Dialable,
  type ListenerSink,
  registerTransport,
  type ResolvedEndpointOptions,
  SPError,
  StreamConnection,
  type Transport,
  type TransportRules,
} from "../../mod.ts";

/** The options of `memory://`. */
export interface MemoryOptions {
  memory?: {
    /** The longest chunk that a stream hands on, in bytes; default 4,096. */
    chunkSize?: number;
  };
}

class MemoryTransport implements Transport {
  readonly schemes: readonly string[] = ["memory"];
  readonly rules: TransportRules = {
    endpoint: {
      memory: {
        chunkSize: (value) =>
          Number.isInteger(value) && (value as number) > 0
            ? undefined
            : "a whole number, 1 or more",
      },
    },
  };
  readonly #listeners: Map<string, ListenerSink> = new Map();

  connect(
    address: string,
    name: string,
    { memory: { chunkSize = 4096 } = {} }: ResolvedEndpointOptions & MemoryOptions,
  ): Dialable {
    if (name === "") throw new SPError("EINVAL", `Cannot connect to "${address}": it has no name`);
    return {
      dial: async () => {
        const listener = this.#listeners.get(name);
        if (listener === undefined) {
          const message = `Cannot connect to "${address}": nothing is bound to it (ECONNREFUSED)`;
          throw new SPError("ECONNREFUSED", message);
        }
        const [there, back] = [cutter(chunkSize), cutter(chunkSize)];
        const theirs = { readable: there.readable, writable: back.writable };
        const ours = { readable: back.readable, writable: there.writable };
        listener.connection(new StreamConnection(theirs, address, "tcp"));
        return await new StreamConnection(ours, address, "tcp");
      },
    };
  }

  bind(address: string, name: string): Bindable {
    return {
      listen: async (_context, sink) => {
        if (this.#listeners.has(name)) {
          const message = `Cannot bind to "${address}": it is bound already (EADDRINUSE)`;
          throw new SPError("EADDRINUSE", message);
        }
        this.#listeners.set(name, sink);
        const close = async (): Promise<void> => void await this.#listeners.delete(name);
        return await { address, close };
      },
    };
  }
}

/** A stream that hands bytes on in chunks of at most so many. */
function cutter(chunkSize: number): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length; at += chunkSize) {
        controller.enqueue(chunk.subarray(at, at + chunkSize));
      }
    },
  });
}

registerTransport(new MemoryTransport());
