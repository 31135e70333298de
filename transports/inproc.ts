import { badAddress } from "../src/address.ts";
import type { Connection, ConnectionSink, Framing } from "../src/connection.ts";
import { SPError } from "../src/errors.ts";
import { checkPeer } from "../src/handshake.ts";
import type { ProtocolId } from "../src/protocol.ts";
import type {
  Bindable,
  BoundListener,
  Dialable,
  ListenerSink,
  Transport,
  TransportContext,
} from "../src/transport.ts";

/** One end of a connection within the process: what is written here is delivered there, at once. */
export class InprocConnection implements Connection {
  readonly framing: Framing = "message";
  readonly remoteAddress: string;
  readonly localAddress: string;
  #other!: InprocConnection;
  #sink: ConnectionSink | undefined;
  #paused = false;
  #over = false;
  /** What was written while the other end was paused. */
  #held: Uint8Array[] = [];
  #ending = false;

  private constructor(address: string) {
    this.remoteAddress = this.localAddress = address;
  }

  /** Two ends of one connection. */
  static pair(address: string): [InprocConnection, InprocConnection] {
    const a = new InprocConnection(address);
    const b = new InprocConnection(address);
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  start(sink: ConnectionSink): void {
    this.#sink = sink;
    if (this.#over) return sink.closed();
    this.#other.#deliver();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const other = this.#other;
    let next = 0;
    while (next < chunks.length && other.#takes) other.#sink!.data(chunks[next++]!);
    while (next < chunks.length) this.#held.push(chunks[next++]!);
    return this.#held.length === 0;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#other.#deliver();
  }

  end(): void {
    this.#ending = true;
    this.#deliver();
  }

  destroy(): void {
    this.#close();
    this.#other.#close();
  }

  get #takes(): boolean {
    return this.#sink !== undefined && !this.#paused && !this.#over;
  }

  /** Delivers what was held back, and the end behind it. */
  #deliver(): void {
    const other = this.#other;
    if (this.#held.length > 0) {
      let next = 0;
      while (next < this.#held.length && other.#takes) other.#sink!.data(this.#held[next++]!);
      this.#held.splice(0, next);
      if (this.#held.length > 0) return;
      this.#sink?.drain();
    }
    if (this.#ending && this.#held.length === 0) {
      other.#close();
      this.#close();
    }
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink?.closed();
  }
}

interface Bound {
  readonly protocol: ProtocolId;
  readonly sink: ListenerSink;
}

/** Sockets of this process reach each other by name: `inproc://name`. Connecting before binding works. */
export class InprocTransport implements Transport {
  readonly schemes: readonly string[] = ["inproc"];
  readonly #bound: Map<string, Bound> = new Map();
  readonly #waiting: Map<string, Set<(bound: Bound) => void>> = new Map();

  connect(address: string, rest: string): Dialable {
    if (rest === "") throw badAddress("connect", address, "no name, wanted one after inproc://");
    return { dial: (context) => this.#dial(rest, context) };
  }

  bind(address: string, rest: string): Bindable {
    if (rest === "") throw badAddress("bind", address, "no name, wanted one after inproc://");
    return {
      listen: (context, sink) => {
        if (this.#bound.has(rest)) {
          const message = `Cannot bind to "${address}": the name is in use (EADDRINUSE)`;
          return Promise.reject(new SPError("EADDRINUSE", message));
        }
        return Promise.resolve(this.#listen(rest, { protocol: context.protocol, sink }));
      },
    };
  }

  #listen(name: string, bound: Bound): BoundListener {
    this.#bound.set(name, bound);
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    // Once the listener is known to its socket.
    if (waiting !== undefined) queueMicrotask(() => waiting.forEach((connect) => connect(bound)));
    return {
      address: `inproc://${name}`,
      close: () => {
        if (this.#bound.get(name) === bound) this.#bound.delete(name);
        return Promise.resolve();
      },
    };
  }

  async #dial(name: string, context: TransportContext): Promise<Connection> {
    const { protocol, signal } = context;
    const bound = this.#bound.get(name) ?? await this.#wait(name, signal);
    try {
      checkPeer(protocol, bound.protocol.number);
    } catch (reason) {
      bound.sink.rejected(`inproc://${name}`, reason as SPError);
      throw reason;
    }
    const [ours, theirs] = InprocConnection.pair(`inproc://${name}`);
    bound.sink.connection(theirs);
    return ours;
  }

  /** Waits until somebody binds the name. */
  #wait(name: string, signal: AbortSignal): Promise<Bound> {
    return new Promise((resolve, reject) => {
      const all = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, all);
      const connect = (bound: Bound): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(bound);
      };
      const onAbort = (): void => {
        all.delete(connect);
        if (all.size === 0) this.#waiting.delete(name);
        reject(signal.reason);
      };
      all.add(connect);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
