/** What nanocat and nngcat do with a socket once it is bound and connected: one loop for each kind of pattern. */

import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { codeOf, type Failure } from "./failure.ts";

/** How a loop goes on, and when it ends. Times are in milliseconds, `Infinity` is no limit. */
export interface Pace {
  /** Send again each so often; `Infinity`: send once, or `count` times without a pause. */
  readonly interval: number;
  /** How long to wait for a message. */
  readonly receiveTimeout: number;
  /** How many times: to send, for who speaks first, else to receive. Left out, as often as the interval says. */
  readonly count?: number;
}

/** What a loop works with besides its socket. */
export interface Session {
  readonly settings: Pace;
  /** What `--data` or `--file` gave. */
  readonly data: Uint8Array | undefined;
  /** Aborted when the user, or the reader of the output, has had enough; the socket is closed then. */
  readonly stop: AbortSignal;
  /** Prints a message. Await the promise, if there is one, before the next. */
  readonly print: (message: Uint8Array) => Promise<void> | undefined;
  /** The end of the program, when the socket cannot do something. */
  readonly cannot: (verb: "send" | "recv", error: unknown) => Failure;
}

/** A socket that can send. */
export interface Sender {
  send(message: Uint8Array): Promise<void>;
}

/** A socket that can receive. */
export interface Receiver {
  receive(): Promise<Uint8Array>;
  receiveBatch(options?: { timeout: number }): Promise<Uint8Array[]>;
}

/** A socket that asks and is answered. */
export interface Asker {
  request(message: Uint8Array, options: { signal: AbortSignal }): Promise<Uint8Array>;
}

/** A socket that answers by a handler; without an answer it forgets the question. */
export interface Server {
  serve(
    handler: (question: Uint8Array) => Promise<void>,
    options: { concurrency: number; signal: AbortSignal },
  ): Promise<void>;
}

/** Messages between two looks at the event loop, where nothing else makes the sender wait. */
const BURST = 64;

/**
 * Calls `step` once, every interval, or `count` times; with an interval of 0 as fast as the socket takes it.
 * `step` gets the time at which the next one is due.
 */
async function repeat(
  { settings: { interval, count }, stop }: Session,
  step: (due: number) => Promise<void>,
): Promise<void> {
  for (let done = 1;; done++) {
    const due = performance.now() + interval;
    await step(due);
    if (count === undefined ? interval === Infinity : done >= count) return;
    const pause = due - performance.now();
    if (pause > 0 && pause < Infinity) await sleep(pause, undefined, { signal: stop });
    else if (done % BURST === 0) await turn(undefined, { signal: stop });
  }
}

/** Sends what there is to send. */
function transmit({ data, cannot }: Session, socket: Sender): Promise<void> {
  return socket.send(data!).catch((error) => {
    throw cannot("send", error);
  });
}

/** PUSH waits for somebody to take the message; PUB sends to whoever is there. */
export async function send(session: Session, socket: Sender): Promise<void> {
  await repeat(session, () => transmit(session, socket));
}

/** PULL, SUB, and all that have nothing to send: prints until no message comes any more. */
export async function receive(session: Session, socket: Receiver): Promise<void> {
  await hear(session, socket, session.settings.count);
}

/** Prints until no message comes any more, `limit` have come, or the next message is due. */
async function hear(
  { settings: { receiveTimeout }, print, cannot }: Session,
  socket: Receiver,
  limit: number = Infinity,
  due: number = Infinity,
): Promise<void> {
  for (let left = limit; left > 0;) {
    let batch: Uint8Array[];
    try {
      // The socket's own timeout does, unless there is less time than that.
      const time = due - performance.now();
      if (time <= 0) return;
      batch = await (time < receiveTimeout
        ? socket.receiveBatch({ timeout: time })
        : socket.receiveBatch());
    } catch (error) {
      const code = codeOf(error);
      if (code === "ETIMEDOUT" || code === "ESTATE") return;
      throw cannot("recv", error);
    }
    for (const message of batch) {
      if (left-- <= 0) return;
      const full = print(message);
      if (full !== undefined) await full;
    }
  }
}

/** PAIR and BUS: sends, once or every interval, and prints what comes. */
export async function converse(session: Session, socket: Sender & Receiver): Promise<void> {
  if (session.data === undefined) {
    await receive(session, socket);
  } else if (session.settings.interval === Infinity) {
    await send(session, socket);
    await receive(session, socket);
  } else {
    await Promise.all([send(session, socket), receive(session, socket)]);
  }
}

/** nngcat's PAIR, BUS and SURVEYOR: sends, and prints what comes until it is time to send again. */
export async function alternate(session: Session, socket: Sender & Receiver): Promise<void> {
  await repeat(session, async (due) => {
    await transmit(session, socket);
    await hear(session, socket, Infinity, due);
  });
}

/** SURVEYOR: asks, and prints the answers until the survey is over; or so every interval. */
export async function survey(session: Session, socket: Sender & Receiver): Promise<void> {
  await repeat(session, async () => {
    await transmit(session, socket);
    await hear(session, socket);
  });
}

/** Runs `task` with a signal that says when to give up. */
async function within(
  time: number,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const timer = time === Infinity ? undefined : setTimeout(() => controller.abort(), time);
  try {
    await task(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** REQ: asks, prints the answer, and is done; or so every interval, answered or not. */
export async function ask(session: Session, socket: Asker): Promise<void> {
  await repeat(session, () => askOnce(session, socket));
}

/** nngcat's REQ: the same, but its patience begins when there is somebody to ask. */
export async function askSomebody(
  session: Session,
  socket: Asker & { peers(count: number, options: { timeout: number }): Promise<unknown> },
  sendTimeout: number,
): Promise<void> {
  await repeat(session, async () => {
    await socket.peers(1, { timeout: sendTimeout }).catch((error) => {
      throw session.cannot("send", error);
    });
    await askOnce(session, socket);
  });
}

async function askOnce(
  { settings: { receiveTimeout, interval }, data, print, cannot }: Session,
  socket: Asker,
): Promise<void> {
  const patience = interval === 0 ? receiveTimeout : Math.min(receiveTimeout, interval);
  await within(patience, async (signal) => {
    const reply = await socket.request(data!, { signal }).catch((error) => {
      throw cannot("send", error);
    });
    await print(reply);
  });
}

/** REP and RESPONDENT: answers every request with the same data. */
export async function answer(
  session: Session,
  socket: Sender & Receiver & Server,
): Promise<void> {
  if (session.data === undefined) return await overhear(session, socket);
  for (let left = session.settings.count ?? Infinity; left > 0; left--) {
    const request = await socket.receive().catch((error) => {
      throw session.cannot("recv", error);
    });
    await session.print(request);
    await transmit(session, socket);
  }
}

/** The same without data: prints what is asked, and never answers. */
async function overhear(
  { settings: { receiveTimeout, count = Infinity }, print, cannot }: Session,
  socket: Server,
): Promise<void> {
  const silence = new AbortController();
  const wait = (): ReturnType<typeof setTimeout> | undefined =>
    receiveTimeout === Infinity ? undefined : setTimeout(() => silence.abort(), receiveTimeout);
  let timer = wait();
  let left = count;
  const handler = async (question: Uint8Array): Promise<void> => {
    clearTimeout(timer);
    if (left-- > 0) await print(question);
    if (left > 0) timer = wait();
    else silence.abort();
  };
  try {
    await socket.serve(handler, { concurrency: 1, signal: silence.signal });
  } catch (error) {
    if (!silence.signal.aborted) throw cannot("recv", error);
  } finally {
    clearTimeout(timer);
  }
}
