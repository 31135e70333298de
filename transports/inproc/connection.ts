import type { Connection, ConnectionSink, Framing } from "../../src/contracts/connection.ts";
import { disown } from "../../src/memory/owned.ts";
import { Ring } from "../../src/base/ring.ts";

/** One end of a connection within a thread: what is written here is delivered there, at once. */
export class InprocConnection implements Connection {
  readonly framing: Framing = "message";
  readonly inProcess: boolean = true;
  readonly remoteAddress: string;
  readonly localAddress: string;
  #other!: InprocConnection;
  #sink: ConnectionSink | undefined;
  #paused = false;
  #over = false;
  /** What was written while the other end was paused. */
  readonly #held: Ring<Uint8Array<ArrayBuffer>> = new Ring();
  /** Whether we have ended our stream, and whether the other end knows. */
  #ending = false;
  #ended = false;

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

  get unwritten(): number {
    return this.#held.size;
  }

  get pending(): number {
    return this.#held.size;
  }

  start(sink: ConnectionSink): void {
    this.#sink = sink;
    if (this.#over) return sink.closed();
    this.#other.#deliver();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const other = this.#other;
    // What is from shared memory was copied as it was packed.
    const messages = chunks as readonly Uint8Array<ArrayBuffer>[];
    // From now on it is the other end's.
    for (let i = 0; i < messages.length; i++) disown(messages[i]!);
    let next = 0;
    while (next < messages.length && other.#takes()) other.#sink!.data(messages[next++]!);
    while (next < messages.length) this.#held.push(messages[next++]!);
    return this.#held.size === 0;
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

  #takes(): boolean {
    return this.#sink !== undefined && !this.#paused && !this.#over;
  }

  /** Delivers what was held back, and the end behind it. */
  #deliver(): void {
    const other = this.#other;
    if (this.#held.size > 0) {
      while (this.#held.size > 0 && other.#takes()) other.#sink!.data(this.#held.shift()!);
      if (this.#held.size > 0) return;
      this.#sink?.drain();
    }
    if (!this.#ending || this.#ended || other.#sink === undefined) return;
    this.#ended = true;
    if (other.#ended || other.#sink.ended === undefined) this.destroy();
    else other.#sink.ended();
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink?.closed();
  }
}
