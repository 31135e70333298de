import type { Connection, ConnectionSink, Framing } from "../src/connection.ts";
import { disown } from "../src/owned.ts";

/** One end of a connection within a thread: what is written here is delivered there, at once. */
export class InprocConnection implements Connection {
  readonly framing: Framing = "message";
  readonly trusted: boolean = true;
  readonly remoteAddress: string;
  readonly localAddress: string;
  #other!: InprocConnection;
  #sink: ConnectionSink | undefined;
  #paused = false;
  #over = false;
  /** What was written while the other end was paused. */
  #held: Uint8Array<ArrayBuffer>[] = [];
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
    // The packer copies what lies in shared memory.
    const messages = chunks as readonly Uint8Array<ArrayBuffer>[];
    const other = this.#other;
    // From now on it is the other end's.
    for (let i = 0; i < messages.length; i++) disown(messages[i]!);
    let next = 0;
    while (next < messages.length && other.#takes()) other.#sink!.data(messages[next++]!);
    while (next < messages.length) this.#held.push(messages[next++]!);
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

  #takes(): boolean {
    return this.#sink !== undefined && !this.#paused && !this.#over;
  }

  /** Delivers what was held back, and the end behind it. */
  #deliver(): void {
    const other = this.#other;
    if (this.#held.length > 0) {
      let next = 0;
      while (next < this.#held.length && other.#takes()) other.#sink!.data(this.#held[next++]!);
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
