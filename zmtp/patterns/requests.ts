import { closedError, SPError } from "../../src/base/errors.ts";
import { Ring } from "../../src/base/ring.ts";
import { RESOLVED, Waiter } from "../../src/base/wait.ts";
import type { ProtocolHost } from "../../src/contracts/protocol.ts";
import type { TransformController, Transformer } from "../../src/contracts/transformer.ts";
import { isGone as isGoneFrame } from "../../src/memory/message.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { Balance } from "../../src/pipes/routing.ts";
import { frameList, type Frames, type OutgoingFrames } from "../wire/frames.ts";

const EMPTY = new Uint8Array(0);

/** Whom a request tells what became of it. */
export interface Asker {
  /** The reply has come, by a pipe. */
  resolve(reply: Frames, pipe: Pipe): void;
  /** None will. */
  reject(reason: unknown): void;
  /** None will, since the socket is closed: no unhandled rejection, should nobody wait any more. */
  cancel(reason: unknown): void;
}

/** A request on its way. */
export class Request {
  readonly body: OutgoingFrames;
  readonly asker: Asker;
  /** Who has it. */
  pipe: Pipe | undefined;
  /** Its number, as it stands before the body; unless there is none. */
  id: number | undefined;

  /** @param body In memory that its sender does not change. @param asker Is told what becomes of it. */
  constructor(body: OutgoingFrames, asker: Asker) {
    this.body = body;
    this.asker = asker;
  }
}

/**
 * The requester's state machine. Each request goes to one peer, in turn.
 *
 * Without numbers a peer has one request at a time, for its replies say nothing of which they answer. With numbers it has any.
 */
export class Requests {
  readonly #isNumbered: boolean;
  readonly #balance: Balance = new Balance();
  readonly #waiting: Ring<Request> = new Ring();
  /** Without numbers: by who has it. */
  readonly #byPipe: Map<Pipe, Request> = new Map();
  readonly #byId: Map<number, Request> = new Map();
  #lastId: number = Math.floor(Math.random() * 0x1_0000_0000);
  #onIdle: Waiter<void> | undefined;
  #isRefusing = false;
  #host: ProtocolHost | undefined;

  /** @param isNumbered Whether requests carry numbers: ZeroMQ's `correlate`. */
  constructor(isNumbered: boolean) {
    this.#isNumbered = isNumbered;
  }

  /** The socket is made: it counts losses. */
  opened(host: ProtocolHost): void {
    this.#host = host;
  }

  /** A peer has come. */
  attach(pipe: Pipe): void {
    this.#balance.attach(pipe);
  }

  /** A peer is going: what it was asked, it will not answer. */
  detach(pipe: Pipe): void {
    this.#balance.detach(pipe);
    const lost = this.#isNumbered
      ? [...this.#byId.values()].filter((request) => request.pipe === pipe)
      : [this.#byPipe.get(pipe)].filter((request) => request !== undefined);
    for (const request of lost) {
      this.#forget(request);
      request.asker.reject(
        new SPError("ECONNRESET", `${pipe.peer.remoteAddress} has left without a reply`),
      );
    }
  }

  /** A peer has room again. */
  ready(pipe: Pipe): void {
    if (!this.#byPipe.has(pipe)) this.#balance.ready(pipe);
  }

  /** Takes no new requests; those that were taken go on. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** Takes a new request. */
  ask(request: Request): void {
    if (this.#isRefusing) request.asker.cancel(closedError("send a request"));
    else this.start(request);
  }

  /** Sends a request to whose turn it is, or has it wait. */
  start(request: Request): void {
    if (this.#waiting.size > 0 || !this.#dispatch(request)) this.#waiting.push(request);
  }

  /** Sends what waits, as far as there are peers for it. */
  pump(): void {
    let request: Request | undefined;
    while ((request = this.#waiting.peek()) !== undefined) {
      const isGone = frameList(request.body).some(isGoneFrame);
      if (!isGone && !this.#dispatch(request)) return;
      this.#waiting.shift();
      if (isGone) this.#lose(request);
    }
  }

  /** Nobody waits for the reply any more. */
  giveUp(request: Request): void {
    const { pipe } = request;
    this.#waiting.filter((other) => other !== request);
    this.#forget(request);
    if (pipe === undefined || this.#isNumbered) return;
    const why = "a request was given up, whose reply would be taken for that to the next one";
    pipe.destroy(
      new SPError("ETIMEDOUT", `Closed the connection to ${pipe.peer.remoteAddress}: ${why}`),
    );
  }

  /** Resolves when every request is answered or given up. */
  answered(): Promise<void> {
    return this.#isIdle() ? RESOLVED : (this.#onIdle ??= new Waiter()).promise;
  }

  /** Cancels every request. Returns how many no peer had yet. */
  close(reason: unknown): number {
    this.refuse();
    const unsent = this.#waiting.size;
    const all = [...this.#byPipe.values(), ...this.#byId.values()];
    for (let next; (next = this.#waiting.shift()) !== undefined;) all.push(next);
    for (const request of all) {
      this.#forget(request);
      request.asker.cancel(reason);
    }
    return unsent;
  }

  /** The way in of a pipe: replies find their requests. */
  inbound(pipe: Pipe): Transformer<Frames, never> {
    return { transform: (message, controller) => this.#reply(pipe, message, controller) };
  }

  #reply(pipe: Pipe, message: Frames, controller: TransformController<never>): void {
    const end = this.#isNumbered && message[0]!.length === 4 ? 2 : 1;
    if (message.length <= end || message[end - 1]!.length > 0) {
      pipe.drop("malformed");
      const what = "The peer sent a reply without the empty frame that stands before its body";
      return controller.error(new SPError("EPROTO", what));
    }
    const request = end === 2
      ? this.#byId.get(new DataView(message[0]!.buffer, message[0]!.byteOffset).getUint32(0))
      : this.#byPipe.get(pipe);
    if (request === undefined) return pipe.drop(this.#isNumbered ? "late" : "unasked");
    if (request.pipe !== pipe) return pipe.drop("unasked");
    this.#forget(request);
    if (!this.#isNumbered && pipe.open) this.#balance.ready(pipe);
    request.asker.resolve(message.slice(end), pipe);
    this.pump();
  }

  /** Its memory was taken away while it waited. */
  #lose(request: Request): void {
    this.#host?.lose("detached", 1);
    this.#forget(request);
    const what = "Cannot send a request whose memory is gone: its buffer was detached";
    request.asker.reject(new SPError("EINVAL", what));
  }

  #dispatch(request: Request): boolean {
    const frames = frameList(request.body);
    const id = this.#isNumbered ? this.#lastId = (this.#lastId + 1) >>> 0 : undefined;
    const pipe = this.#balance.pick(
      id === undefined ? [EMPTY, ...frames] : [encodeId(id), EMPTY, ...frames],
    );
    if (pipe === undefined) return false;
    request.pipe = pipe;
    request.id = id;
    if (id !== undefined) this.#byId.set(id, request);
    else {
      this.#byPipe.set(pipe, request);
      this.#balance.detach(pipe);
    }
    return true;
  }

  #forget(request: Request): void {
    const { pipe, id } = request;
    if (id !== undefined) this.#byId.delete(id);
    else if (pipe !== undefined && this.#byPipe.get(pipe) === request) this.#byPipe.delete(pipe);
    if (this.#onIdle === undefined || !this.#isIdle()) return;
    this.#onIdle.resolve();
    this.#onIdle = undefined;
  }

  #isIdle(): boolean {
    return this.#waiting.size + this.#byPipe.size + this.#byId.size === 0;
  }
}

function encodeId(id: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, id);
  return bytes;
}
