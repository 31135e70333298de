import type { Socket } from "node:net";
import type { Batch, Talk } from "./talk.ts";

/** How long the other side's part is waited for, in milliseconds. */
const WAIT = 60;
/** How long a connection that is left in silence stays, in milliseconds. */
const SILENCE = 40;
/** How long the other side may take to close a connection that we have ended, and to take what we write. */
const PATIENCE = 300;

/** One connection of the mutator's, on which it says one talk. */
export class Connection {
  /** Its number, from which its talk follows. */
  readonly index: number;
  /** Which of the places it is at. */
  readonly place: number;
  /** Called once, when it is over. */
  onOver: () => void = () => {};
  readonly #socket: Socket;
  readonly #talk: Talk;
  readonly #sent: (connection: Connection, batch: Batch) => void;
  #pieces: readonly Uint8Array[] = [];
  #piece = 0;
  /** When it begins to wait; 0 if it does not. */
  #since = 0;
  #isLeaving = false;
  #isOpen: boolean;

  /** @param sent Told of what is written. */
  constructor(
    index: number,
    place: number,
    socket: Socket,
    talk: Talk,
    sent: (connection: Connection, batch: Batch) => void,
  ) {
    this.index = index;
    this.place = place;
    this.#socket = socket;
    this.#talk = talk;
    this.#sent = sent;
    this.#isOpen = !socket.connecting;
    socket.setNoDelay?.(true);
    socket.on("error", () => {});
    socket.once("connect", () => this.#isOpen = true);
    socket.on("data", (chunk: Uint8Array) => talk.hear(chunk));
    socket.once("end", () => this.#socket.end());
    socket.once("close", () => this.onOver());
  }

  /** A turn has come: writes the next piece, waits, or leaves. */
  step(now: number): void {
    if (!this.#isOpen) return this.#wait(now, 10 * PATIENCE);
    if (!this.#socket.writable && !this.#isLeaving) this.#leave("fin");
    if (this.#isLeaving) {
      return this.#wait(now, this.#talk.leaving === "silent" ? SILENCE : PATIENCE);
    }
    if (this.#socket.writableNeedDrain) return this.#wait(now, PATIENCE);
    if (this.#piece < this.#pieces.length) return this.#write();
    if (this.#talk.waits) {
      if (this.#since === 0) this.#since = now;
      if (now - this.#since < WAIT) return;
    }
    this.#since = 0;
    const batch = this.#talk.next();
    if (batch === undefined) return this.#leave(this.#talk.leaving);
    this.#sent(this, batch);
    this.#pieces = batch.pieces;
    this.#piece = 0;
    this.#write();
  }

  /** Breaks it. */
  reset(): void {
    try {
      this.#socket.resetAndDestroy();
    } catch {
      // Only TCP has a reset.
      this.#socket.destroy();
    }
  }

  #write(): void {
    this.#socket.write(this.#pieces[this.#piece++]!);
    this.#since = 0;
  }

  #leave(how: Talk["leaving"]): void {
    this.#isLeaving = true;
    this.#since = 0;
    if (how === "rst") this.reset();
    else if (how === "fin") this.#socket.end();
  }

  #wait(now: number, limit: number): void {
    if (this.#since === 0) this.#since = now;
    else if (now - this.#since > limit) this.reset();
  }
}
