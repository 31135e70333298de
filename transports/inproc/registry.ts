import { SPError } from "../../src/base/errors.ts";
import type { Connection } from "../../src/contracts/connection.ts";
import type { ProtocolId } from "../../src/contracts/protocol.ts";
import type {
  BoundListener,
  ListenerSink,
  TransportContext,
} from "../../src/contracts/transport.ts";
import type { Port } from "./port.ts";

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
  /** Dials; the registry's `opened` is called once somebody has bound the name. */
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

interface Lookup {
  readonly name: string;
  readonly answer: (granted: boolean) => void;
}

/** The names of `inproc://` in this thread: what is bound, and who dials. */
export class InprocRegistry {
  #board: Board | undefined;
  readonly #bound: Map<string, Bound> = new Map();
  /** Names that were asked for, and not granted or refused yet. */
  readonly #asked: Set<Lookup> = new Set();
  readonly #dials: Map<number, Dial> = new Map();
  #lastDial = 0;

  /** Where the names of all threads are; undefined while this thread is alone. */
  get board(): Board | undefined {
    return this.#board;
  }

  /** Has a board keep the names; what is bound and dialled here is told to it. */
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

  /** Every other thread is out of reach. */
  leave(): void {
    this.#board = undefined;
    for (const { name, answer } of this.#asked) answer(!this.#bound.has(name));
  }

  /** Binds a name. */
  listen(name: string, bound: Bound, signal: AbortSignal): Promise<BoundListener> {
    return new Promise((resolve, reject) => {
      if (this.#bound.has(name)) return reject(taken(name));
      const answer = (granted: boolean): void => {
        if (!this.#asked.delete(request)) {
          if (granted) this.#board?.unbind(name);
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
      const request: Lookup = { name, answer };
      this.#asked.add(request);
      signal.addEventListener("abort", onAbort, { once: true });
      if (this.#board === undefined) answer(true);
      else this.#board.bind(name, answer);
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
        this.#board?.cancel(name, id);
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
      this.#board?.dial(name, id);
      this.#hold();
    });
  }

  /** Another thread has dialled a name of this one. */
  accept(name: string, connection: Connection): void {
    const bound = this.#bound.get(name);
    if (bound === undefined) connection.destroy();
    else bound.sink.connection(connection);
  }

  /** A dial of this thread has found another thread: `connect` is given the name, and connects to it. */
  opened(id: number, connect: (name: string) => Connection): void {
    const dial = this.#dials.get(id);
    const connection = connect(dial?.name ?? "");
    if (dial === undefined) connection.destroy();
    else dial.found(connection);
  }

  /** Those of this thread that wait for a name have found it. */
  #match(name: string, bound: Bound): void {
    for (const [id, dial] of this.#dials) {
      if (dial.name !== name || this.#bound.get(name) !== bound) continue;
      this.#board?.cancel(name, id);
      dial.found(bound);
    }
  }

  #unbind(name: string, bound: Bound): Promise<void> {
    if (this.#bound.get(name) === bound) {
      this.#bound.delete(name);
      this.#board?.unbind(name);
      this.#hold();
    }
    return Promise.resolve();
  }

  #hold(): void {
    this.#board?.hold(this.#bound.size + this.#asked.size + this.#dials.size > 0);
  }
}

/** The error of binding a name that somebody is bound to. */
function taken(name: string, why = "the name is in use"): SPError {
  return new SPError("EADDRINUSE", `Cannot bind to "inproc://${name}": ${why} (EADDRINUSE)`);
}
