import { COPY_LIMIT } from "../../src/memory/packer.ts";
import { isGone, type Outgoing } from "../../src/memory/message.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { encodeWord } from "../backtrace.ts";

/** Why a request is sent again. */
export type ResendReason = "peer-lost" | "no-reply";

/** A request on its way, until it is answered or given up. */
export abstract class Exchange {
  /** Its id, with the high bit set. */
  readonly id: number;
  /** The request, behind its id; undefined once it is answered or given up. */
  message: Outgoing | undefined;
  /** Who it was sent to last; in the end, who has answered. */
  pipe: Pipe | undefined;
  /** Who else it was sent to, and may still answer. */
  others: Set<Pipe> | undefined;
  /** How often it was sent. */
  attempts = 0;
  /** How often it may be sent. */
  readonly mostAttempts: number;
  /** How many connections in a row were lost while it waited for the answer. */
  breaks = 0;
  /** Why it was taken back last. */
  reason: ResendReason | undefined;
  /** When it was sent last, as `performance.now` says. */
  sentAt = 0;
  /** Waits to be sent again. */
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Kept by the table of those in flight. */
  next: Exchange | undefined;

  /**
   * @param id With the high bit set.
   * @param body The request. It is kept to be sent again, so a small one is copied.
   * @param mostAttempts How often it may be sent.
   */
  constructor(id: number, body: Uint8Array, mostAttempts: number) {
    this.id = id;
    this.mostAttempts = mostAttempts;
    this.message = body.length > COPY_LIMIT ? { header: encodeWord(id), body } : whole(id, body);
  }

  /** The answer has come. */
  abstract answer(reply: Uint8Array<ArrayBuffer>): void;
  /** No answer will come. */
  abstract fail(reason: unknown): void;
  /** No answer will come, since the socket is closed. */
  abstract cancel(reason: unknown): void;

  /** Whether it has lost its memory, which its sender has taken away. */
  get isGone(): boolean {
    return this.message !== undefined && "body" in this.message && isGone(this.message.body);
  }

  /** Remembers who it is sent to. */
  sent(pipe: Pipe): void {
    if (this.pipe !== undefined && this.pipe !== pipe) (this.others ??= new Set()).add(this.pipe);
    this.pipe = pipe;
    this.attempts++;
    this.sentAt = performance.now();
  }

  /** Whether a peer was asked: nobody else may answer. */
  wasSentTo(pipe: Pipe): boolean {
    return this.pipe === pipe || this.others !== undefined && this.others.has(pipe);
  }

  /** It is answered or given up: nothing of it is kept. */
  end(): void {
    this.message = undefined;
    clearTimeout(this.timer);
  }
}

/** Id and body in one piece. */
function whole(id: number, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(4 + body.length);
  message[0] = id >>> 24;
  message[1] = id >>> 16;
  message[2] = id >>> 8;
  message[3] = id;
  message.set(body, 4);
  return message;
}
