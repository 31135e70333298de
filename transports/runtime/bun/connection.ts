import type { Connection, ConnectionSink, Framing } from "../../../src/contracts/connection.ts";
import type { SPError } from "../../../src/base/errors.ts";
import { systemError } from "../../system_errors.ts";
import type { StreamTarget } from "../../runtime.ts";
import { Batch } from "../shared/batch.ts";
import type { BunSocket } from "./api.ts";
import { formatAddress, formatPath } from "../shared/address.ts";
import { giveScratch, takeScratch } from "../shared/scratch.ts";

/** What hangs on each socket: its connection, once it is open. */
type Socket = BunSocket<BunConnection>;

/** A `Bun.Socket` as a {@linkcode Connection}. */
export class BunConnection implements Connection {
  readonly framing: Framing;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #socket: Socket;
  #sink: ConnectionSink | undefined;
  /** What came before `start`. */
  #early: Uint8Array<ArrayBuffer>[] | undefined;
  readonly #batch: Batch = new Batch();
  #waiting = false;
  #unwritten = 0;
  /** The peer has ended its stream. */
  #hungUp = false;
  #ending = false;
  #over = false;
  #told = false;
  #error: SPError | undefined;

  /** @param socket Open. @param target What was connected to or bound, for the addresses. */
  constructor(socket: Socket, target: StreamTarget) {
    this.#socket = socket;
    const { scheme } = target;
    if (target.kind === "tcp") {
      this.framing = "tcp";
      this.remoteAddress = formatAddress(scheme, socket.remoteAddress, socket.remotePort);
      this.localAddress = formatAddress(scheme, socket.localAddress, socket.localPort);
    } else {
      this.framing = "ipc";
      this.remoteAddress = this.localAddress = formatPath(scheme, target.name ?? target.path);
    }
  }

  start(sink: ConnectionSink): void {
    const first = this.#sink === undefined;
    this.#sink = sink;
    if (!first) return;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) { for (const chunk of early) sink.data(chunk); }
    if (this.#over) this.#tell();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (chunks.length === 1) {
      const chunk = chunks[0]!;
      const written = this.#socket.write(chunk);
      if (written === chunk.length) return true;
      if (written < 0) return this.#refused();
      this.#batch.load(chunks);
      if (written > 0) this.#batch.advance(written);
    } else {
      this.#batch.load(chunks);
      if (this.#writeBatch()) return true;
    }
    this.#waiting = true;
    return false;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  get unwritten(): number {
    return this.#unwritten;
  }

  get pending(): number {
    return this.#batch.bytes;
  }

  end(): void {
    this.#ending = true;
    if (!this.#waiting) this.#endWriting();
  }

  destroy(): void {
    if (this.#over) return;
    this.#finish();
    this.#socket.close();
  }

  /** Bytes have come: called by the handlers in `bun.ts`. */
  received(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#over) return;
    if (this.#sink === undefined) (this.#early ??= []).push(chunk);
    else this.#sink.data(chunk);
  }

  /** There is room to write, or it looks like it: called by the handlers in `bun.ts`. */
  drained(): void {
    if (!this.#waiting || this.#over || !this.#writeBatch()) return;
    this.#waiting = false;
    this.#sink?.drain();
    if (this.#ending && !this.#waiting) this.#endWriting();
  }

  /** The peer has ended its stream: called by the handlers in `bun.ts`. */
  ended(): void {
    if (this.#over) return;
    this.#hungUp = true;
    // Its end may be the answer to ours.
    if (this.#sink?.ended === undefined || this.#ending && !this.#waiting) this.destroy();
    else this.#sink.ended();
  }

  /** The socket is closed: called by the handlers in `bun.ts`. */
  closed(error: unknown): void {
    if (this.#over) return;
    if (error !== undefined) {
      this.#error = systemError(`Lost the connection to ${this.remoteAddress}`, error);
    }
    this.#finish();
  }

  /** Writes as far as the operating system takes it; true if that was everything. */
  #writeBatch(): boolean {
    const batch = this.#batch;
    const scratch = takeScratch();
    try {
      while (!batch.empty) {
        const piece = batch.next(scratch);
        const written = this.#socket.write(piece);
        if (written < 0) return this.#refused();
        if (written > 0) batch.advance(written);
        if (written < piece.length) return false;
      }
      return true;
    } catch (error) {
      // Somebody has taken a chunk's memory away, which was the connection's.
      this.#fail(error);
      return false;
    } finally {
      giveScratch(scratch);
    }
  }

  #endWriting(): void {
    if (this.#hungUp) return this.destroy();
    this.#socket.shutdown();
  }

  /** The operating system takes nothing, since the peer is gone. While paused, Bun would never tell by `close`. */
  #refused(): false {
    this.#fail({ code: "ECONNRESET" });
    return false;
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.closed(error);
    this.#socket.close();
  }

  /** The sink hears of it later, since it may be in one of its calls now. */
  #finish(): void {
    this.#over = true;
    this.#unwritten = this.#batch.bytes;
    this.#batch.clear();
    queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    if (this.#sink === undefined || this.#told) return;
    this.#told = true;
    this.#sink.closed(this.#error);
  }
}
