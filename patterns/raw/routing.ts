import type { DropReason } from "../../src/surface/events.ts";
import type { RawMessage } from "../../src/memory/message.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { Broadcast, makeRoom, type Overflow, type Router } from "../../src/pipes/routing.ts";
import { readWord } from "../backtrace.ts";

/** The pipe that a header begins with, if it is still there. */
function origin(pipes: ReadonlyMap<number, Pipe>, header: Uint8Array): Pipe | undefined {
  return header.length >= 4 ? pipes.get(readWord(header, 0)) : undefined;
}

/** Raw REP and RESPONDENT: the header's first word is the id of the pipe to answer by, and stays here. */
export class ReplyByPipeId implements Router<RawMessage<Uint8Array>> {
  readonly #pipes: Map<number, Pipe> = new Map();
  readonly #overflow: Overflow;

  /** Told of an answer whose peer has gone. */
  onLost: (reason: DropReason, count: number) => void = () => {};

  /** @param overflow What to do about a peer whose queue is full; `"block"` has it hold up all the others. */
  constructor(overflow: Overflow) {
    this.#overflow = overflow;
  }

  get pending(): number {
    return 0;
  }

  attach(pipe: Pipe): void {
    this.#pipes.set(pipe.peer.id, pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe.peer.id);
  }

  ready(_pipe: Pipe): void {}

  send({ header, body }: RawMessage<Uint8Array>): boolean {
    const pipe = origin(this.#pipes, header);
    if (pipe === undefined) this.onLost("peer-gone", 1);
    else if (pipe.full && this.#overflow === "block") return false;
    else if (!pipe.full || makeRoom(pipe, this.#overflow)) {
      pipe.send({ header: header.subarray(4), body });
    }
    return true;
  }
}

/** Raw BUS: to everybody but the pipe that the header names, where the message came from. The header stays here. */
export class BroadcastExceptOrigin implements Router<RawMessage<Uint8Array>> {
  readonly #pipes: Map<number, Pipe> = new Map();
  readonly #broadcast: Broadcast;

  /** @param overflow What to do about a peer whose queue is full. */
  constructor(overflow: Overflow) {
    this.#broadcast = new Broadcast(overflow);
  }

  get pending(): number {
    return 0;
  }

  attach(pipe: Pipe): void {
    this.#pipes.set(pipe.peer.id, pipe);
    this.#broadcast.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe.peer.id);
    this.#broadcast.detach(pipe);
  }

  ready(_pipe: Pipe): void {}

  send({ header, body }: RawMessage<Uint8Array>): boolean {
    return this.#broadcast.sendExcept(body, origin(this.#pipes, header));
  }
}
