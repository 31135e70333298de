import { Pub, Pull, Push, type Sender, type SocketStats, Sub } from "../../../mod.ts";
import { numbered, Recorder } from "../record.ts";
import type { Part, Played } from "./worker.ts";

/** The longest pause between two tries to connect, in milliseconds. */
const RECONNECT = { reconnectMin: 10, reconnectMax: 100 };
/** Milliseconds between two bursts of messages. */
const TICK = 5;

/** Writes down what comes. */
export async function pull({ bind, record }: Part): Promise<Played> {
  const socket = new Pull();
  const recorder = new Recorder(record);
  const { address } = await socket.bind(bind);
  const done = (async () => {
    try {
      for (;;) recorder.messages(await socket.receiveBatch());
    } catch {
      // It is closed.
    }
  })();
  const drain = async (): Promise<void> => {
    await socket.drain();
    await done;
  };
  return { address, finish: () => Promise.resolve({ drops: socket.stats().drops }), drain };
}

/** Sends numbered messages at a pace. */
export function push({ connect, rate }: Part): Promise<Played> {
  const socket = new Push(RECONNECT);
  connect.forEach((address) => socket.connect(address));
  const sender = new Pacer(socket, rate, 0);
  const finish = async () => {
    const accepted = await sender.stop();
    await socket.close({ linger: 10_000 });
    return { ...accepted, drops: socket.stats().drops };
  };
  return Promise.resolve({ finish });
}

/** Sends numbered messages at a pace to who is there. */
export async function pub({ bind, rate, life }: Part): Promise<Played> {
  const socket = new Pub();
  const { address } = await socket.bind(bind);
  const sender = new Pacer(socket, rate, life);
  const finish = async () => {
    const accepted = await sender.stop();
    const { drops }: SocketStats = socket.stats();
    await socket.close({ linger: 10_000 });
    return { ...accepted, drops };
  };
  return { address, finish, drain: () => socket.drain() };
}

/** Writes down what comes, and when its publisher is there again. */
export function sub({ connect, record }: Part): Promise<Played> {
  const socket = new Sub({ subscribe: "", ...RECONNECT });
  const recorder = new Recorder(record);
  // From here on, so that the first is told.
  const events = socket.events();
  connect.forEach((address) => socket.connect(address));
  (async () => {
    for await (const { type } of events) if (type === "attached") recorder.attached();
  })();
  const done = (async () => {
    try {
      for (;;) recorder.messages(await socket.receiveBatch());
    } catch {
      // It is closed.
    }
  })();
  const drain = async (): Promise<void> => {
    await socket.drain();
    await done;
  };
  return Promise.resolve({ finish: () => Promise.resolve({ drops: socket.stats().drops }), drain });
}

/** Sends numbered messages, from 1 on, so many a second; remembers when. */
class Pacer {
  readonly #done: Promise<void>;
  readonly #times: [time: number, accepted: number][] = [];
  #accepted = 0;
  #goesOn = true;

  constructor(socket: Sender, rate: number, life: number) {
    this.#done = this.#run(socket, rate, life);
  }

  /** Stops; tells how many messages were accepted, and by when how many. */
  async stop(): Promise<{ accepted: number; times: readonly [number, number][] }> {
    this.#goesOn = false;
    await this.#done;
    return { accepted: this.#accepted, times: this.#times };
  }

  async #run(socket: Sender, rate: number, life: number): Promise<void> {
    const began = performance.now();
    while (this.#goesOn) {
      const due = (performance.now() - began) / 1e3 * rate;
      // After a pause it catches up, and not all at once.
      const burst = Math.min(due - this.#accepted, 2 * rate * TICK / 1e3);
      for (let i = 0; i < burst; i++) {
        await socket.send(numbered(this.#accepted + 1, life));
        this.#accepted++;
      }
      this.#times.push([Date.now(), this.#accepted]);
      await new Promise((resolve) => setTimeout(resolve, TICK));
    }
  }
}
