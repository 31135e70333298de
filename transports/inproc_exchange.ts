import { SPError } from "../src/errors.ts";
import type { Connection } from "../src/connection.ts";
import type { ProtocolId } from "../src/protocol.ts";
import type { BoundListener, ListenerSink, TransportContext } from "../src/transport.ts";
import type { Member } from "./inproc_hub.ts";
import { HubBoard } from "./inproc_link.ts";
import { type Port, PortConnection } from "./inproc_port.ts";

/** A name that a socket of this thread is bound to. */
export interface Bound {
  readonly protocol: ProtocolId;
  readonly sink: ListenerSink;
  /** As in {@linkcode TransportContext}. */
  readonly reserve?: TransportContext["reserve"];
}

/** Who keeps the names of all threads: a hub in this thread, or the way to one in another. */
export interface Board {
  /** Asks for a name; the answer may come later. */
  bind(name: string, answer: (granted: boolean) => void): void;
  /** Frees a name. */
  unbind(name: string): void;
  /** Dials; the exchange's `opened` is called once somebody has bound the name. */
  dial(name: string, id: number): void;
  /** Does not wait any longer. */
  cancel(name: string, id: number): void;
  /** Whether other threads may come for sockets of this one, which then has to stay alive. */
  hold(wanted: boolean): void;
  /**
   * Makes a way to the same hub for another thread.
   *
   * @param give Called with the end of a channel for that thread; at once, or later.
   * @param onOver Called once, when that thread has left.
   * @returns What has it leave.
   */
  link(give: (port: Port) => void, onOver: () => void): () => void;
}

interface Dial {
  readonly name: string;
  /** Called with who has bound the name in this thread, or with the connection to another. */
  found(by: Bound | Connection): void;
}

interface Request {
  readonly name: string;
  readonly answer: (granted: boolean) => void;
}

/** The names of `inproc://` in this thread: what is bound, who dials, and the connections to other threads. */
export class Exchange implements Member {
  /** In a hub of its own. */
  readonly thread = 0;
  #board: Board;
  readonly #bound: Map<string, Bound> = new Map();
  /** Names that were asked for, and not granted or refused yet. */
  readonly #asked: Set<Request> = new Set();
  readonly #dials: Map<number, Dial> = new Map();
  #lastDial = 0;
  /** Connections to other threads, with the thread's number. */
  readonly #connections: Map<PortConnection, number> = new Map();

  /** A thread of its own, until `use` says otherwise. */
  constructor() {
    this.#board = new HubBoard(this);
  }

  /** Where the names of all threads are. */
  get board(): Board {
    return this.#board;
  }

  /** Has another board keep the names; what is bound and dialled here is told to it. */
  use(board: Board): void {
    this.#board = board;
    for (const [name, { sink }] of this.#bound) {
      board.bind(name, (granted) => {
        if (!granted) sink.failed(taken(name, "another thread is bound to the name as well"));
      });
    }
    for (const request of this.#asked) board.bind(request.name, request.answer);
    for (const [id, { name }] of this.#dials) board.dial(name, id);
    this.#hold();
  }

  /** Binds a name. */
  listen(name: string, bound: Bound, signal: AbortSignal): Promise<BoundListener> {
    return new Promise((resolve, reject) => {
      if (this.#bound.has(name)) return reject(taken(name));
      const answer = (granted: boolean): void => {
        if (!this.#asked.delete(request)) {
          if (granted) this.#board.unbind(name);
          return;
        }
        signal.removeEventListener("abort", onAbort);
        if (granted) {
          this.#bound.set(name, bound);
          // Once the listener is known to its socket.
          queueMicrotask(() => this.#match(name, bound));
          resolve({ address: `inproc://${name}`, close: () => this.#unbind(name, bound) });
        } else reject(taken(name));
        this.#hold();
      };
      const onAbort = (): void => {
        this.#asked.delete(request);
        this.#hold();
        reject(signal.reason);
      };
      const request: Request = { name, answer };
      this.#asked.add(request);
      signal.addEventListener("abort", onAbort, { once: true });
      this.#board.bind(name, answer);
      this.#hold();
    });
  }

  /** Resolves with who has bound the name, if it is this thread, or with the connection to another thread. */
  dial(name: string, signal: AbortSignal): Promise<Bound | Connection> {
    const bound = this.#bound.get(name);
    if (bound !== undefined) return Promise.resolve(bound);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastDial;
      const stop = (): void => {
        signal.removeEventListener("abort", onAbort);
        this.#dials.delete(id);
        this.#hold();
      };
      const onAbort = (): void => {
        stop();
        this.#board.cancel(name, id);
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#dials.set(id, {
        name,
        found: (by) => {
          stop();
          resolve(by);
        },
      });
      this.#board.dial(name, id);
      this.#hold();
    });
  }

  /** Another thread has dialled a name of this one: {@linkcode Member}. */
  accept(name: string, port: Port, peer: number): void {
    const connection = this.#connect(name, port, peer);
    const bound = this.#bound.get(name);
    if (bound === undefined) connection.destroy();
    else bound.sink.connection(connection);
  }

  /** A dial has found another thread: {@linkcode Member}. */
  opened(id: number, port: Port, peer: number): void {
    const dial = this.#dials.get(id);
    const connection = this.#connect(dial?.name ?? "", port, peer);
    if (dial === undefined) connection.destroy();
    else dial.found(connection);
  }

  /** A thread has ended: {@linkcode Member}. */
  gone(thread: number): void {
    for (const [connection, peer] of this.#connections) if (peer === thread) connection.lost();
  }

  /** Every other thread is out of reach. */
  alone(): void {
    for (const connection of this.#connections.keys()) connection.lost();
    this.use(new HubBoard(this));
  }

  #connect(name: string, port: Port, peer: number): PortConnection {
    const connection = new PortConnection(port, `inproc://${name}`, () => {
      this.#connections.delete(connection);
    });
    this.#connections.set(connection, peer);
    return connection;
  }

  /** Those of this thread that wait for a name have found it. */
  #match(name: string, bound: Bound): void {
    for (const [id, dial] of this.#dials) {
      if (dial.name !== name || this.#bound.get(name) !== bound) continue;
      this.#board.cancel(name, id);
      dial.found(bound);
    }
  }

  #unbind(name: string, bound: Bound): Promise<void> {
    if (this.#bound.get(name) === bound) {
      this.#bound.delete(name);
      this.#board.unbind(name);
      this.#hold();
    }
    return Promise.resolve();
  }

  #hold(): void {
    this.#board.hold(this.#bound.size + this.#asked.size + this.#dials.size > 0);
  }
}

/** The error of binding a name that somebody is bound to. */
function taken(name: string, why = "the name is in use"): SPError {
  return new SPError("EADDRINUSE", `Cannot bind to "inproc://${name}": ${why} (EADDRINUSE)`);
}
