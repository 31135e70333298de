import type { Connection, ConnectionSink, Framing } from "../../../src/contracts/connection.ts";
import type { SPError } from "../../../src/base/errors.ts";
import { systemError } from "../../system_errors.ts";
import type { StreamTarget } from "../../runtime.ts";
import { Batch, memoryGone } from "../shared/batch.ts";
import type { DenoAddress, DenoConn } from "./api.ts";
import { turnFor } from "./turn.ts";
import { formatAddress, formatPath } from "../shared/address.ts";
import { giveScratch, takeScratch } from "../shared/scratch.ts";

/*
 * A read needs memory from its beginning, so an idle connection holds some. It grows while the peer sends
 * more than fits, and shrinks again. What is read is lent: memory that stays in the processor's cache is read into, and
 * messages copied out of it, faster than new memory is. What belongs to a large message is read to where it is to lie.
 */
const SMALLEST_ROOM = 4 * 1024;
const LARGEST_ROOM = 64 * 1024;
/** So many reads in a row that would have fitted into an eighth of the room have it halved. */
const PATIENCE = 16;

/**
 * A `Deno.Conn` as a {@linkcode Connection}. Of its two faces this uses the lower one, `read` and `write`: its streams close the whole
 * connection at the end of the peer's (denoland/deno#27510).
 */
export class DenoConnection implements Connection {
  readonly framing: Framing;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly lendsMemory = true;
  readonly #conn: DenoConn;
  #sink: ConnectionSink | undefined;
  #paused = false;
  #reading = false;
  /** What a read brought after `pause`. */
  #held: Uint8Array<ArrayBuffer> | undefined;
  /** What is read into, unless the sink wants it elsewhere; chunks are views on it. */
  #room: Uint8Array<ArrayBuffer> | undefined;
  #roomSize = SMALLEST_ROOM;
  #smallReads = 0;
  readonly #batch: Batch = new Batch();
  #writing = false;
  #unwritten = 0;
  /** The peer has ended its stream. */
  #hungUp = false;
  #ending = false;
  #over = false;
  #told = false;
  #error: SPError | undefined;

  /** @param conn Connected. @param target What was connected to or bound, for the addresses. */
  constructor(conn: DenoConn, target: StreamTarget) {
    this.#conn = conn;
    const { scheme } = target;
    if (target.kind === "tcp") {
      this.framing = "tcp";
      this.remoteAddress = denoAddress(scheme, conn.remoteAddr);
      this.localAddress = denoAddress(scheme, conn.localAddr);
    } else {
      this.framing = "ipc";
      this.remoteAddress = this.localAddress = formatPath(scheme, target.name ?? target.path);
    }
  }

  start(sink: ConnectionSink): void {
    const first = this.#sink === undefined;
    this.#sink = sink;
    if (!first) return;
    if (this.#over) this.#tell();
    else this.#read();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    this.#writing = true;
    if (chunks.length === 1) {
      this.#unwritten = chunks[0]!.length;
      this.#writeOne(chunks[0]!);
    } else {
      this.#batch.load(chunks);
      this.#writeBatch();
    }
    return false;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#sink !== undefined) this.#read();
  }

  get unwritten(): number {
    return this.#batch.empty ? this.#unwritten : this.#batch.bytes;
  }

  get pending(): number {
    return this.unwritten;
  }

  end(): void {
    this.#ending = true;
    if (!this.#writing) this.#endWriting();
  }

  destroy(): void {
    if (!this.#over) this.#close();
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#hungUp) return;
    this.#reading = true;
    while (!this.#paused && !this.#over) {
      const chunk = this.#held ?? await this.#readChunk();
      this.#held = undefined;
      const turn = chunk && turnFor(chunk.length);
      if (turn !== undefined) await turn;
      // Somebody may have paused or destroyed the connection while the chunk was on its way here.
      if (chunk === undefined || this.#over) break;
      if (this.#paused) this.#held = chunk;
      else this.#sink!.data(chunk);
    }
    this.#reading = false;
    // Who is paused for long costs no more than what waits.
    this.#room = undefined;
  }

  /** The next chunk; undefined once the connection is over. */
  async #readChunk(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const wanted = this.#sink!.room?.();
    const room = wanted ?? (this.#room ??= new Uint8Array(this.#roomSize));
    try {
      const length = await this.#conn.read(room);
      if (length !== null) {
        if (wanted === undefined) this.#adapt(length);
        return room.subarray(0, length);
      }
      this.#peerEnded();
    } catch (error) {
      this.#fail(error);
    }
    return undefined;
  }

  /** Makes the room for the next read larger if this one filled it, and smaller if it is much too large time after time. */
  #adapt(length: number): void {
    const size = this.#roomSize;
    if (length * 8 >= size) {
      this.#smallReads = 0;
      if (length < size || size === LARGEST_ROOM) return;
      this.#roomSize = Math.min(size * 4, LARGEST_ROOM);
    } else if (++this.#smallReads === PATIENCE) {
      this.#smallReads = 0;
      if (size === SMALLEST_ROOM) return;
      this.#roomSize = size / 2;
    } else return;
    this.#room = undefined;
  }

  /** The peer has ended its stream. */
  #peerEnded(): void {
    this.#hungUp = true;
    if (this.#over) return;
    // Its end may be the answer to ours.
    if (this.#sink?.ended === undefined || this.#ending && !this.#writing) this.destroy();
    else this.#sink.ended();
  }

  async #writeOne(chunk: Uint8Array): Promise<void> {
    try {
      for (;;) {
        const written = await this.#conn.write(chunk);
        this.#unwritten -= written;
        if (this.#unwritten === 0) break;
        chunk = chunk.subarray(written);
        if (chunk.length !== this.#unwritten) throw memoryGone();
      }
    } catch (error) {
      return this.#writeFailed(error);
    }
    this.#written();
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#batch;
    const scratch = takeScratch();
    try {
      while (!batch.empty) batch.advance(await this.#conn.write(batch.next(scratch)));
    } catch (error) {
      this.#unwritten = batch.bytes;
      batch.clear();
      return this.#writeFailed(error);
    } finally {
      giveScratch(scratch);
    }
    this.#written();
  }

  #written(): void {
    this.#writing = false;
    if (this.#over) return this.#tell();
    this.#sink?.drain();
    if (this.#ending && !this.#writing) this.#endWriting();
  }

  #endWriting(): void {
    if (this.#hungUp) return this.destroy();
    // A failure here is that of a connection that is over, which the read tells.
    this.#conn.closeWrite().catch(() => {});
  }

  #writeFailed(error: unknown): void {
    this.#writing = false;
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#over) return this.#tell();
    this.#error = systemError(`Lost the connection to ${this.remoteAddress}`, error);
    this.#close();
  }

  /**
   * Lets go; the sink hears of it later, since it may be in one of its calls now: once it is known how much of a write that
   * was under way has gone.
   */
  #close(): void {
    this.#over = true;
    this.#held = undefined;
    this.#conn.close();
    queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    if (this.#sink === undefined || this.#told || this.#writing) return;
    this.#told = true;
    this.#sink.closed(this.#error);
  }
}

function denoAddress(scheme: string, address: DenoAddress): string {
  return "port" in address
    ? formatAddress(scheme, address.hostname, address.port)
    : formatAddress(scheme, undefined, undefined);
}
