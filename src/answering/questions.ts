import { SPError } from "../base/errors.ts";
import type { MessageLike } from "../memory/message.ts";
import type { PeerInfo } from "../surface/peer.ts";
import type { Pipe } from "../pipes/pipe.ts";
import { Ring } from "../base/ring.ts";
import { RESOLVED, Waiter } from "../base/wait.ts";

/** A question, and the way back to who asked it. */
export interface Question<Message = unknown> {
  /** Whom it came from. */
  readonly pipe: Pipe;
  /** What stood before its body, and is to stand before the answer's: the pattern's own. */
  readonly header: object;
  /** What was asked. */
  readonly body: Message;
}

/**
 * A question with its own way to be answered, at any time, or never.
 *
 * @typeParam Chunk What the socket takes as a message.
 * @typeParam Message What it hands out.
 */
export interface ReceivedQuestion<Chunk = MessageLike, Message = Uint8Array<ArrayBuffer>> {
  /** What was asked. */
  readonly message: Message;
  /** Who asked; behind a device, that is the device. */
  readonly peer: PeerInfo;
  /** Aborted when the asker is gone, and an answer would reach nobody. */
  readonly signal: AbortSignal;
  /**
   * Answers, once. Resolves when the answer has a place in a queue; if the asker is gone, the answer is dropped and counted.
   *
   * @param answer What `send` takes: text (as UTF-8), bytes, or a view of bytes.
   * @throws {SPError} `EINVAL`; `ESTATE` if it is answered already.
   */
  readonly reply: (answer: Chunk) => Promise<void>;
}

/** Who waits for answers: by the pipes that their questions came by. */
export class Askers {
  /** How many questions of each were handed out and are not answered. */
  readonly #unanswered: Map<Pipe, number> = new Map();
  readonly #watched: Map<Pipe, Set<AbortController>> = new Map();
  #settled: Waiter<void> | undefined;

  /** A question is handed out. */
  began({ pipe }: Question): void {
    if (pipe.open) this.#unanswered.set(pipe, (this.#unanswered.get(pipe) ?? 0) + 1);
  }

  /** A question is answered, or never will be. */
  ended({ pipe }: Question): void {
    const count = this.#unanswered.get(pipe);
    if (count === undefined) return;
    if (count > 1) this.#unanswered.set(pipe, count - 1);
    else this.#unanswered.delete(pipe);
    this.#checkSettled();
  }

  /** Resolves when no question is left that was handed out and not answered. */
  settled(): Promise<void> {
    return this.#unanswered.size === 0 ? RESOLVED : (this.#settled ??= new Waiter()).promise;
  }

  /** A signal that is aborted when the pipe ends; `unwatch` it before. */
  watch(pipe: Pipe): AbortController {
    const controller = new AbortController();
    if (!pipe.open) controller.abort(gone(pipe));
    else {
      const watched = this.#watched.get(pipe);
      if (watched === undefined) this.#watched.set(pipe, new Set([controller]));
      else watched.add(controller);
    }
    return controller;
  }

  /** Nobody needs the signal any more. */
  unwatch(pipe: Pipe, controller: AbortController): void {
    this.#watched.get(pipe)?.delete(controller);
  }

  /** An asker is gone. */
  left(pipe: Pipe): void {
    this.#unanswered.delete(pipe);
    const watched = this.#watched.get(pipe);
    if (watched !== undefined) {
      this.#watched.delete(pipe);
      const reason = gone(pipe);
      for (const controller of watched) controller.abort(reason);
    }
    this.#checkSettled();
  }

  #checkSettled(): void {
    if (this.#settled === undefined || this.#unanswered.size > 0) return;
    this.#settled.resolve();
    this.#settled = undefined;
  }
}

function gone({ peer }: Pipe): SPError {
  return new SPError("ECONNRESET", `${peer.remoteAddress} has left: nobody waits for the answer`);
}

/** A {@linkcode ReceivedQuestion}. */
export class OpenQuestion<Chunk, Message> implements ReceivedQuestion<Chunk, Message> {
  readonly message: Message;
  readonly #question: Question;
  readonly #send: (question: Question, answer: Chunk) => void;
  readonly #askers: Askers;
  #controller: AbortController | undefined;
  #isAnswered = false;
  #isOver = false;

  /**
   * @param question As it came.
   * @param message What the user gets of it.
   * @param send Sends the answer; throws if it is none.
   * @param askers Knows when the asker has left.
   */
  constructor(
    question: Question,
    message: Message,
    send: (question: Question, answer: Chunk) => void,
    askers: Askers,
  ) {
    this.message = message;
    this.#question = question;
    this.#send = send;
    this.#askers = askers;
    askers.began(question);
  }

  get peer(): PeerInfo {
    return this.#question.pipe.peer;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= this.#askers.watch(this.#question.pipe)).signal;
  }

  // Made when it is asked for, so that it can be taken out of the object, and costs nothing where it is not used.
  get reply(): (answer: Chunk) => Promise<void> {
    return (answer) => {
      try {
        this.answer(answer);
        return Promise.resolve();
      } catch (error) {
        return Promise.reject(error);
      }
    };
  }

  /** As `reply`, but throws. */
  answer(answer: Chunk): void {
    if (this.#isAnswered) {
      throw new SPError("ESTATE", "Cannot reply: this question is answered already");
    }
    this.#send(this.#question, answer);
    this.#isAnswered = true;
    this.end();
  }

  /** It is answered, or never will be. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#askers.ended(this.#question);
    if (this.#controller !== undefined) {
      this.#askers.unwatch(this.#question.pipe, this.#controller);
    }
  }
}

/** The most questions that were read from the stream, not answered, and are remembered. */
const MOST_READ = 65_536;

/**
 * Which question an answer is for.
 *
 * With calls it is for the question that was received last: those received before are given up, and counted (nanomsg and
 * nng do the same). With streams answers are in the order of the questions, which is what a transform means.
 */
export class Asked {
  readonly #askers: Askers;
  /** What the last call has received; several by `receiveBatch`. */
  #received: Question[] = [];
  /** What was read from the stream, the oldest first. */
  readonly #read: Ring<Question> = new Ring();
  /** Older questions that are no longer remembered: a reader that answers none for long never will. */
  #forgotten = 0;

  /** @param askers Are told of questions that are given up. */
  constructor(askers: Askers) {
    this.#askers = askers;
  }

  /** Questions were received by a call. */
  receive(questions: Question[]): void {
    for (const question of this.#received) this.#giveUp(question);
    for (const question of questions) this.#askers.began(question);
    this.#received = questions;
  }

  /** A question was read from the stream. */
  read(question: Question): void {
    this.#askers.began(question);
    this.#read.push(question);
    if (this.#read.size <= MOST_READ) return;
    this.#giveUp(this.#read.shift()!);
    this.#forgotten++;
  }

  /** The question that `send` answers. */
  takeReceived(): Question | undefined {
    return this.#taken(this.#received.shift() ?? this.#read.pop());
  }

  /** The question that a write answers; null if it is not remembered. */
  takeRead(): Question | null | undefined {
    if (this.#forgotten > 0) {
      this.#forgotten--;
      return null;
    }
    return this.#taken(this.#read.shift() ?? this.#received.shift());
  }

  #taken(question: Question | undefined): Question | undefined {
    if (question !== undefined) this.#askers.ended(question);
    return question;
  }

  #giveUp(question: Question): void {
    this.#askers.ended(question);
    question.pipe.drop("unanswered");
  }
}
