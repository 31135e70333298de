/** What nanocat does with a socket once it is bound and connected: one loop for each kind of pattern. */

import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { cannot, codeOf } from "./failure.ts";
import type { Settings } from "./flags.ts";

/** What a loop works with besides its socket. */
export interface Session {
  readonly settings: Settings;
  /** What `--data` or `--file` gave. */
  readonly data: Uint8Array | undefined;
  /** Aborted when the user, or the reader of the output, has had enough; the socket is closed then. */
  readonly stop: AbortSignal;
  /** Prints a message. Await the promise, if there is one, before the next. */
  readonly print: (message: Uint8Array) => Promise<void> | undefined;
}

/** A socket that can send. */
export interface Sender {
  send(message: Uint8Array): Promise<void>;
}

/** A socket that can receive. */
export interface Receiver {
  receive(): Promise<Uint8Array>;
  receiveBatch(): Promise<Uint8Array[]>;
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

/** Calls `step` once, or every interval; with an interval of 0 as fast as the socket takes it. */
async function repeat(
  { settings: { interval }, stop }: Session,
  step: () => Promise<void>,
): Promise<void> {
  for (let count = 1;; count++) {
    const due = performance.now() + interval;
    await step();
    if (interval === Infinity) return;
    const pause = due - performance.now();
    if (pause > 0) await sleep(pause, undefined, { signal: stop });
    else if (count % BURST === 0) await turn(undefined, { signal: stop });
  }
}

/** Sends what there is to send. */
function transmit({ data }: Session, socket: Sender): Promise<void> {
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
  for (;;) {
    let batch: Uint8Array[];
    try {
      batch = await socket.receiveBatch();
    } catch (error) {
      const code = codeOf(error);
      if (code === "ETIMEDOUT" || code === "ESTATE") return;
      throw cannot("recv", error);
    }
    for (const message of batch) {
      const full = session.print(message);
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

/** SURVEYOR: asks, and prints the answers until the survey is over; or so every interval. */
export async function survey(session: Session, socket: Sender & Receiver): Promise<void> {
  await repeat(session, async () => {
    await transmit(session, socket);
    await receive(session, socket);
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
  const { receiveTimeout, interval } = session.settings;
  const patience = interval === 0 ? receiveTimeout : Math.min(receiveTimeout, interval);
  await repeat(session, () =>
    within(patience, async (signal) => {
      const reply = await socket.request(session.data!, { signal }).catch((error) => {
        throw cannot("send", error);
      });
      await session.print(reply);
    }));
}

/** REP and RESPONDENT: answers every request with the same data. */
export async function answer(
  session: Session,
  socket: Sender & Receiver & Server,
): Promise<void> {
  if (session.data === undefined) return await overhear(session, socket);
  for (;;) {
    const request = await socket.receive().catch((error) => {
      throw cannot("recv", error);
    });
    await session.print(request);
    await transmit(session, socket);
  }
}

/** The same without data: prints what is asked, and never answers. */
async function overhear(
  { settings: { receiveTimeout }, print }: Session,
  socket: Server,
): Promise<void> {
  const silence = new AbortController();
  const wait = (): ReturnType<typeof setTimeout> | undefined =>
    receiveTimeout === Infinity ? undefined : setTimeout(() => silence.abort(), receiveTimeout);
  let timer = wait();
  const handler = async (question: Uint8Array): Promise<void> => {
    clearTimeout(timer);
    await print(question);
    timer = wait();
  };
  try {
    await socket.serve(handler, { concurrency: 1, signal: silence.signal });
  } catch (error) {
    if (!silence.signal.aborted) throw cannot("recv", error);
  } finally {
    clearTimeout(timer);
  }
}
