import { closedError, SPError } from "../../src/base/errors.ts";
import type { DropReason } from "../../src/surface/events.ts";
import type { ReceiveQueue } from "../../src/receiving/receive_queue.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { Broadcast, type Router } from "../../src/pipes/routing.ts";
import type { TransformController, Transformer } from "../../src/contracts/transformer.ts";
import { later, RESOLVED, Waiter } from "../../src/base/wait.ts";
import { encodeWord, IdSequence, isAstray, readWord } from "../backtrace.ts";

/** What happens to a survey's responses. */
export interface Survey {
  /** A response has come in time, by a pipe. */
  respond(
    response: Uint8Array<ArrayBuffer>,
    pipe: Pipe,
    controller: TransformController<Uint8Array<ArrayBuffer>>,
  ): void;
  /** It is over: at its deadline (no reason), or for a reason. */
  end(reason?: unknown): void;
}

/** What is asked of the socket's queue. */
type Responses = Pick<ReceiveQueue<Uint8Array<ArrayBuffer>, unknown>, "failWaiting" | "purge">;

interface Running {
  readonly survey: Survey;
  /** Who was asked, and how many responses each may still give. */
  readonly owing: Map<Pipe, number>;
  readonly stop: () => void;
}

/**
 * The surveyor's state machine: any number of surveys at once, told apart by id. As a router it runs
 * one at a time, the socket's current survey, whose responses go to the socket's queue.
 */
export class Surveys implements Router<Uint8Array> {
  readonly #broadcast: Broadcast = new Broadcast("drop-newest");
  readonly #ids: IdSequence = new IdSequence();
  readonly #running: Map<number, Running> = new Map();
  readonly #deadline: number;
  readonly #responsesPerPeer: number;
  readonly #receiveQueue: () => Responses;
  #current: { readonly id: number; readonly ended: Waiter<void> } | undefined;
  #idle: Waiter<void> | undefined;
  #isRefusing = false;

  /** Told of responses that were not received before the next survey began. */
  onLost: (reason: DropReason, count: number) => void = () => {};

  /**
   * @param deadline How long the current survey lasts, in milliseconds.
   * @param responsesPerPeer How many responses one peer may give to one survey.
   * @param receiveQueue The socket's queue.
   */
  constructor(
    deadline: number,
    responsesPerPeer: number,
    receiveQueue: () => Responses,
  ) {
    this.#deadline = deadline;
    this.#responsesPerPeer = responsesPerPeer;
    this.#receiveQueue = receiveQueue;
  }

  get pending(): number {
    return 0;
  }

  attach(pipe: Pipe): void {
    this.#broadcast.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#broadcast.detach(pipe);
  }

  ready(_pipe: Pipe): void {}

  /** Begins a survey that takes the current one's place. */
  send(body: Uint8Array): boolean {
    if (this.#current !== undefined) this.forget(this.#current.id);
    this.#current?.ended.resolve();
    // What is left of the survey before is late now.
    this.onLost("late", this.#receiveQueue().purge(() => false));
    const ended = new Waiter<void>();
    const id = this.begin(body, this.#deadline, {
      respond: (response, _pipe, controller) => controller.enqueue(response),
      end: () => {
        this.#current = undefined;
        ended.resolve();
        const message = "Cannot receive a response: the survey is over";
        this.#receiveQueue().failWaiting(new SPError("ETIMEDOUT", message));
      },
    });
    this.#current = { id, ended };
    return true;
  }

  /** Begins a survey. Returns its id. */
  begin(body: Uint8Array, deadline: number, survey: Survey): number {
    if (this.#isRefusing) throw closedError("begin a survey");
    const id = this.#ids.next();
    const timer = later(deadline, () => this.end(id));
    const owing = new Map<Pipe, number>();
    for (const pipe of this.#broadcast.pipes) owing.set(pipe, this.#responsesPerPeer);
    this.#running.set(id, { survey, owing, stop: () => clearTimeout(timer) });
    this.#broadcast.send({ header: encodeWord(id), body });
    return id;
  }

  /** Ends a survey: in order, or for a reason. */
  end(id: number, reason?: unknown): void {
    const running = this.#running.get(id);
    this.forget(id);
    running?.survey.end(reason);
  }

  /** Ends a survey, and says nothing. */
  forget(id: number): void {
    this.#running.get(id)?.stop();
    this.#running.delete(id);
    if (this.#running.size === 0) this.#idle?.resolve();
  }

  /** Resolves when no survey runs. */
  ended(): Promise<void> {
    return this.#running.size === 0 ? RESOLVED : (this.#idle ??= new Waiter()).promise;
  }

  /** Throws `ESTATE` when no survey runs: no response can ever come. */
  checkCurrent(): void {
    if (this.#current !== undefined) return;
    throw new SPError("ESTATE", "Cannot receive a response: no survey is running");
  }

  /** Resolves when the current survey is over, or the signal is aborted. */
  currentEnded(signal: AbortSignal): Promise<void> {
    const { ended } = this.#current ?? {};
    if (ended === undefined || signal.aborted) return RESOLVED;
    const stop = (): void => ended.resolve();
    signal.addEventListener("abort", stop, { once: true });
    return ended.promise.then(() => signal.removeEventListener("abort", stop));
  }

  /** Takes no new surveys; those that run go on. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** Ends every survey. */
  close(): void {
    this.refuse();
    for (const id of [...this.#running.keys()]) this.end(id, closedError("go on with the survey"));
  }

  /** The way in of a pipe: responses find their survey. */
  inbound(pipe: Pipe): Transformer<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    return {
      transform: (message, controller) => {
        if (isAstray(message, "response", pipe, controller)) return;
        const running = this.#running.get(readWord(message, 0));
        if (running === undefined) return pipe.drop("late");
        const { survey, owing } = running;
        const left = owing.get(pipe) ?? 0;
        if (left === 0) return pipe.drop("unasked");
        owing.set(pipe, left - 1);
        survey.respond(message.subarray(4), pipe, controller);
      },
    };
  }
}
