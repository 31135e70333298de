/* REP, RESPONDENT: prints questions, and answers them. */
import { availableParallelism } from "node:os";
import { EXIT } from "../ends.ts";
import { hasOwnData, messagesOf } from "../input/messages.ts";
import type { Arrived, Frames } from "../messages.ts";
import type { Answerer } from "../sockets.ts";
import { sentence } from "./errors.ts";
import { Deadline, onAbort } from "./receiving.ts";
import { tell } from "./sending.ts";
import type { Talk } from "./socket.ts";

/** How long a command may take for an answer, unless told otherwise, in milliseconds. */
const EXEC_TIMEOUT = 30_000;

/** What makes answers, and what is left of it when no more are wanted. */
interface Source {
  readonly answer: Answerer;
  /** Ends what it has running. */
  close(): Promise<void>;
}

/** Answers. Returns the exit status. */
export async function talk(given: Talk): Promise<number> {
  const { conversation: { socket, serve }, invocation: { flags }, printer, report, stop } = given;
  using deadline = new Deadline(flags.number("timeout"));
  const count = flags.number("count") ?? Infinity;
  const concurrency = flags.number("concurrency") ?? availableParallelism();
  let begun = 0;
  let failed = 0;
  const source = await sourceOf(given, () => deadline.end());
  if (count === 0) return EXIT.ok;
  const handle = async (question: Arrived): Promise<Frames | undefined> => {
    if (begun === count) return undefined;
    if (++begun === count) deadline.end();
    await printer.print(question);
    report.done++;
    try {
      return await source.answer(question);
    } catch (error) {
      failed++;
      tell(sentence(error));
      return undefined;
    }
  };
  // What has come is answered.
  onAbort(stop, () => socket.drain());
  await serve!(handle, {
    concurrency: Math.min(concurrency, count),
    signal: deadline.signal,
  });
  await source.close();
  if (deadline.isOver && begun < (count === Infinity ? 1 : count)) return EXIT.unanswered;
  return failed > 0 && !stop.aborted ? EXIT.failed : EXIT.ok;
}

/** Where the flags say that answers come from. @param onEnd Called when there are no more. */
async function sourceOf({ invocation, stop }: Talk, onEnd: () => void): Promise<Source> {
  const { flags } = invocation;
  const timeout = flags.number("exec-timeout") ?? EXEC_TIMEOUT;
  const command = flags.text("exec");
  if (command !== undefined) {
    const { execute } = await import("./exec.ts");
    return { answer: (question) => execute(command, question, timeout), close: async () => {} };
  }
  const filter = flags.text("exec-lines");
  if (filter !== undefined) {
    const { LineFilter } = await import("./exec_lines.ts");
    return new LineFilter(filter, timeout);
  }
  if (flags.has("echo")) {
    return { answer: ({ frames }) => Promise.resolve(frames), close: async () => {} };
  }
  const isEndless = hasOwnData(flags);
  return new Given(messagesOf(invocation, stop, { isEndless }), onEnd);
}

/** Answers that are there, or are typed: one after the other. */
class Given implements Source {
  readonly #batches: AsyncGenerator<Frames[]>;
  readonly #onEnd: () => void;
  #batch: Frames[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(batches: AsyncGenerator<Frames[]>, onEnd: () => void) {
    this.#batches = batches;
    this.#onEnd = onEnd;
  }

  answer(): Promise<Frames | undefined> {
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => {});
    return next;
  }

  async #next(): Promise<Frames | undefined> {
    while (this.#batch.length === 0) {
      const { value, done } = await this.#batches.next();
      if (done === true) {
        this.#onEnd();
        return undefined;
      }
      this.#batch = [...value];
    }
    return this.#batch.shift();
  }

  async close(): Promise<void> {}
}
