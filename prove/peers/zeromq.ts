/**
 * zeromq.js (npm `zeromq`: libzmq, run by Node) in the roles of faults and partition. A REQ has one request in flight; one that
 * lost its peer would wait for ever, so it asks again, by the options that libzmq has for it.
 *
 * @module
 */
import process from "node:process";
import { Publisher, Pull, Push, Reply, Request, Subscriber } from "zeromq";
import { numbered, numbersOf, Recorder } from "../faults/record.ts";
import { serveQuestions } from "../lib/answers.ts";

const [role = "", ...pairs] = process.argv.slice(2);
const settings: Partial<Record<string, string>> = Object.fromEntries(
  pairs.map((pair) => pair.split("=", 2)),
);
const addresses: string[] = settings.connect?.split(",") ?? [];
const rate = Number(settings.rate ?? 1_000);
const count = { accepted: 0, asked: 0, answered: 0, wrong: 0, failed: 0, slowest: 0, peers: 0 };
let goesOn = true;

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

type AnySocket = Publisher | Pull | Push | Reply | Request | Subscriber;

async function open<Socket extends AnySocket>(socket: Socket): Promise<Socket> {
  socket.events.on("handshake", () => count.peers++);
  socket.events.on("disconnect", () => count.peers--);
  if (!(socket instanceof Reply)) socket.linger = 5_000;
  const dials = socket as Socket & { reconnectInterval: number; reconnectMaxInterval: number };
  dials.reconnectInterval = 10;
  dials.reconnectMaxInterval = 100;
  if (settings.bind !== undefined) await socket.bind(settings.bind);
  addresses.forEach((address) => socket.connect(address));
  return socket;
}

async function receive(socket: Pull | Subscriber): Promise<void> {
  const recorder = new Recorder(settings.record!);
  for await (const [message] of socket) recorder.messages([message!]);
}

async function send(socket: Push | Publisher): Promise<void> {
  socket.sendTimeout = 100; // so that `finish` is seen
  const began = performance.now();
  while (goesOn) {
    const due = (performance.now() - began) / 1e3 * rate - count.accepted;
    const burst = Math.min(due, 2 * rate * 5 / 1e3);
    for (let i = 0; i < burst && goesOn; i++) {
      await socket.send(numbered(count.accepted + 1)).then(() => count.accepted++, () => {});
    }
    await sleep(5);
  }
}

async function answer(socket: Reply): Promise<void> {
  for await (const message of socket) await socket.send(message);
}

async function ask(socket: Request): Promise<void> {
  socket.receiveTimeout = 1_000;
  while (goesOn) {
    const number = ++count.asked;
    const before = performance.now();
    for (;;) {
      try {
        await socket.send(numbered(number));
        const [reply] = await socket.receive();
        if (numbersOf(reply!)?.[0] === number) count.answered++;
        else count.wrong++;
        break;
      } catch {
        // No answer in time: it asks again.
      }
    }
    count.slowest = Math.max(count.slowest, performance.now() - before);
  }
}

const roles: Readonly<Record<string, () => Promise<unknown>>> = {
  pull: async () => receive(await open(new Pull())),
  push: async () => send(await open(new Push())),
  sub: async () => {
    const socket = new Subscriber();
    socket.subscribe();
    await receive(await open(socket));
  },
  pub: async () => send(await open(new Publisher())),
  rep: async () => answer(await open(new Reply())),
  req: () =>
    Promise.all(Array.from({ length: Number(settings.inFlight ?? 1) }, async () => {
      await ask(await open(new Request({ relaxed: true, correlate: true })));
    })),
};

roles[role]!().catch((error) => {
  console.error(error);
  process.exit(1);
});
serveQuestions({
  play: () => {},
  peers: () => ({ ...count }),
  finish: async () => {
    goesOn = false;
    const until = performance.now() + 15_000;
    const settled = (): number => count.answered + count.wrong + count.failed;
    while (settled() < count.asked && performance.now() < until) await sleep(10);
    await sleep(200); // what was accepted is on its way
    return { ...count };
  },
});
