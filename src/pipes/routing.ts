import { SPError } from "../base/errors.ts";
import { Packer } from "../memory/packer.ts";
import type { Pipe } from "./pipe.ts";
import type { Seat } from "../contracts/protocol.ts";
import { Ring } from "../base/ring.ts";
import type { Encoder, WireMessage } from "../contracts/wire.ts";

/** To whom a message goes: the part of a {@linkcode Protocol} that knows pipes and no message. */
export interface Router<Message = WireMessage> {
  /** Where there is one peer at a time: the place for it. */
  readonly seat?: Seat | undefined;
  /** A peer has come. Throws an `SPError` to refuse it; then nothing has changed. */
  attach(pipe: Pipe): void;
  /** A peer is going: it gets nothing more. */
  detach(pipe: Pipe): void;
  /** A peer has gone, after `detach`; what it had not been sent can still be taken back. */
  reclaim?(pipe: Pipe): void;
  /** A peer whose queue out was full has room again. */
  ready(pipe: Pipe): void;
  /** Sends what it holds itself, as far as there is room. */
  pump?(): void;
  /** Finds the message its place. False if there is none now; then nothing has changed. */
  send(message: Message): boolean;
  /** Messages that it holds itself, that still have to go to a pipe. */
  readonly pending: number;
}

interface PriorityLevel {
  readonly priority: number;
  /** Pipes with room. */
  readonly pipes: Pipe[];
  next: number;
}

/**
 * Load balance: each message to one peer, in turn among those with room; peers of a higher send
 * priority (a lower number) strictly first, as nanomsg does. No peer, or none with room: wait.
 *
 * What a peer that goes had not been sent yet goes to the others, before anything newer.
 */
export class Balance implements Router {
  readonly #levels: PriorityLevel[] = [];
  readonly #returned: Ring<WireMessage> = new Ring();

  get pending(): number {
    return this.#returned.size;
  }

  attach(pipe: Pipe): void {
    this.ready(pipe);
  }

  detach(pipe: Pipe): void {
    for (const level of this.#levels) this.#remove(level, pipe);
  }

  reclaim(pipe: Pipe): void {
    const unsent: WireMessage[] = [];
    let message: WireMessage | undefined;
    while ((message = pipe.takeBack()) !== undefined) unsent.push(message);
    for (let i = unsent.length - 1; i >= 0; i--) this.#returned.unshift(unsent[i]!);
  }

  ready(pipe: Pipe): void {
    const level = this.#level(pipe.sendPriority);
    if (!level.pipes.includes(pipe)) level.pipes.push(pipe);
  }

  pump(): void {
    let message: WireMessage | undefined;
    while ((message = this.#returned.peek()) !== undefined && this.pick(message) !== undefined) {
      this.#returned.shift();
    }
  }

  send(message: WireMessage): boolean {
    return this.#returned.size === 0 && this.pick(message) !== undefined;
  }

  /** Sends to the peer whose turn it is; undefined if none has room. */
  pick(message: WireMessage): Pipe | undefined {
    for (const level of this.#levels) {
      if (level.pipes.length === 0) continue;
      if (level.next >= level.pipes.length) level.next = 0;
      const pipe = level.pipes[level.next]!;
      pipe.send(message);
      if (pipe.full) this.#remove(level, pipe);
      else level.next++;
      return pipe;
    }
    return undefined;
  }

  /**
   * Sends to the peer with the lowest rank; of several, to the one of the highest priority whose turn it is. Undefined if
   * none has room.
   */
  pickBest(message: WireMessage, rank: (pipe: Pipe) => number): Pipe | undefined {
    let best: Pipe | undefined;
    let bestLevel: PriorityLevel | undefined;
    let lowest = Infinity;
    for (const level of this.#levels) {
      const { pipes, next } = level;
      for (let i = 0; i < pipes.length; i++) {
        const pipe = pipes[(next + i) % pipes.length]!;
        const itsRank = rank(pipe);
        if (itsRank >= lowest) continue;
        lowest = itsRank;
        best = pipe;
        bestLevel = level;
      }
    }
    if (best === undefined || bestLevel === undefined) return undefined;
    best.send(message);
    bestLevel.next = bestLevel.pipes.indexOf(best) + 1;
    if (best.full) this.#remove(bestLevel, best);
    return best;
  }

  #level(priority: number): PriorityLevel {
    const found = this.#levels.find((level) => level.priority === priority);
    if (found !== undefined) return found;
    const level: PriorityLevel = { priority, pipes: [], next: 0 };
    this.#levels.push(level);
    this.#levels.sort((a, b) => a.priority - b.priority);
    return level;
  }

  #remove(level: PriorityLevel, pipe: Pipe): void {
    const at = level.pipes.indexOf(pipe);
    if (at < 0) return;
    level.pipes.splice(at, 1);
    if (at < level.next) level.next--;
  }
}

/** One peer at a time: a second is refused, and with none a message waits. */
export class OnePeer implements Router, Seat {
  readonly #balance = new Balance();
  #peer: Pipe | undefined;
  /** Gives back the place that somebody has who shakes hands. */
  #release: (() => void) | undefined;
  /** The address of who has the place. */
  #holder = "";

  get seat(): Seat {
    return this;
  }

  get pending(): number {
    return this.#balance.pending;
  }

  reserve(remoteAddress: string): () => void {
    this.#checkFree(remoteAddress);
    this.#holder = remoteAddress;
    const release = (): void => {
      if (this.#release === release) this.#release = undefined;
    };
    return this.#release = release;
  }

  attach(pipe: Pipe): void {
    const { remoteAddress } = pipe.peer;
    this.#checkFree(remoteAddress);
    this.#holder = remoteAddress;
    this.#peer = pipe;
    this.#balance.attach(pipe);
  }

  detach(pipe: Pipe): void {
    if (this.#peer !== pipe) return;
    this.#peer = undefined;
    this.#balance.detach(pipe);
  }

  #checkFree(remoteAddress: string): void {
    if (this.#peer === undefined && this.#release === undefined) return;
    const message = `Refused ${remoteAddress}: this socket takes one peer, and has ${this.#holder}`;
    throw new SPError("EBUSY", message);
  }

  reclaim(pipe: Pipe): void {
    this.#balance.reclaim(pipe);
  }

  ready(pipe: Pipe): void {
    this.#balance.ready(pipe);
  }

  pump(): void {
    this.#balance.pump();
  }

  send(message: WireMessage): boolean {
    return this.#balance.send(message);
  }
}

/**
 * What is done about a peer whose queue is full, where nobody else can have the message.
 *
 * - `"drop-oldest"`: makes room by dropping what that peer has waited for longest.
 * - `"drop-newest"`: that peer does not get this message.
 * - `"block"`: `send` waits until every peer that the message is for has room.
 */
export type Overflow = "drop-oldest" | "drop-newest" | "block";

/** Makes room at a peer whose queue is full, as far as the policy is to; or drops the message that would need it. */
export function makeRoom(pipe: Pipe, overflow: Overflow): boolean {
  if (overflow === "drop-newest") {
    pipe.drop("overflow");
    return false;
  }
  while (pipe.full && pipe.dropOldest());
  return true;
}

/** To every peer: a message is laid out once, whatever their number. With no peer it goes nowhere. */
export class Broadcast implements Router {
  readonly #pipes: Set<Pipe> = new Set();
  readonly #overflow: Overflow;
  readonly #layouts: Map<Encoder, Layout> = new Map();
  #last: Layout | undefined;
  #round = 0;

  /** @param overflow What to do about a peer whose queue is full. */
  constructor(overflow: Overflow) {
    this.#overflow = overflow;
  }

  get pending(): number {
    return 0;
  }

  /** All peers. */
  get pipes(): ReadonlySet<Pipe> {
    return this.#pipes;
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }

  ready(_pipe: Pipe): void {}

  send(message: WireMessage): boolean {
    return this.sendExcept(message, undefined);
  }

  /**
   * Sends to every peer but one, the one it came from; where there is a test, only to those that pass it.
   *
   * @param wants Asked of a peer whether the message is for it; where the policy is to block, perhaps twice.
   */
  sendExcept(
    message: WireMessage,
    origin: Pipe | undefined,
    wants?: (pipe: Pipe) => boolean,
  ): boolean {
    if (this.#overflow === "block") {
      for (const pipe of this.#pipes) {
        if (pipe.full && pipe !== origin && wants?.(pipe) !== false) return false;
      }
    }
    // Laid out when the first pipe of an encoder needs it; valid until the next message.
    this.#round++;
    let isShared = false;
    for (const pipe of this.#pipes) {
      if (pipe === origin || wants?.(pipe) === false) continue;
      if (!isShared && this.#pipes.size > 1) pipe.encoder.share(message);
      isShared = true;
      if (pipe.full && !makeRoom(pipe, this.#overflow)) continue;
      if (pipe.sharesMemory || pipe.encoder.isGone(message)) pipe.send(message);
      else pipe.append(this.#pack(pipe.encoder, message));
    }
    return true;
  }

  #pack(encoder: Encoder, message: WireMessage): Packer {
    let layout = this.#last;
    if (layout?.encoder !== encoder) {
      layout = this.#layouts.get(encoder);
      if (layout === undefined) {
        this.#layouts.set(encoder, layout = { encoder, packer: new Packer(encoder), round: 0 });
      }
      this.#last = layout;
    }
    if (layout.round !== this.#round) {
      layout.round = this.#round;
      layout.packer.pack(message);
    }
    return layout.packer;
  }
}

/** The last message, as an encoder lays it out. */
interface Layout {
  readonly encoder: Encoder;
  readonly packer: Packer;
  /** Which message that was. */
  round: number;
}

/** Back to where the question came from. A peer that has gone gets nothing, and that is counted. */
export class ReplyToOrigin
  implements Router<{ readonly pipe: Pipe; readonly message: WireMessage }> {
  get pending(): number {
    return 0;
  }

  attach(_pipe: Pipe): void {}

  detach(_pipe: Pipe): void {}

  ready(_pipe: Pipe): void {}

  send({ pipe, message }: { readonly pipe: Pipe; readonly message: WireMessage }): boolean {
    if (pipe.open) pipe.send(message);
    else pipe.drop("peer-gone");
    return true;
  }
}
