/**
 * libzmq, by zeromq.js, attacked in the same way. Its sockets read and forget; beside each goes a good peer of its own kind that is sent
 * something, or asked, all the time.
 *
 * @module
 */
import * as zmq from "zeromq";
import { heapMemory } from "../../../bench/lib/worker.ts";
import { serveQuestions } from "../../lib/answers.ts";
import { LARGEST, type OpenParameters, PAUSE, type Place } from "../place.ts";
import { type Gap, NO_GAP, TurnWatch } from "../watch.ts";

const OPTIONS = { maxMessageSize: LARGEST, handshakeInterval: 1000, linger: 0 };

const watch = new TurnWatch();
let gap: Gap = NO_GAP;
let rounds = 0;
/** Calls that failed. */
let failures = 0;

const sockets: Readonly<Record<string, zmq.Socket>> = {
  PULL: new zmq.Pull(OPTIONS),
  PUSH: new zmq.Push(OPTIONS),
  SUB: new zmq.Subscriber(OPTIONS),
  PUB: new zmq.Publisher(OPTIONS),
  XSUB: new zmq.XSubscriber(OPTIONS),
  XPUB: new zmq.XPublisher(OPTIONS),
  PAIR: new zmq.Pair(OPTIONS),
  DEALER: new zmq.Dealer(OPTIONS),
  ROUTER: new zmq.Router({ ...OPTIONS, handover: true }),
  REP: new zmq.Reply(OPTIONS),
  REQ: new zmq.Request(OPTIONS),
};

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function open({ scheme, folder }: OpenParameters): Promise<Place[]> {
  const places: Place[] = [];
  for (const [name, socket] of Object.entries(sockets)) {
    await socket.bind(scheme === "ipc" ? `ipc://${folder}/${name}` : "tcp://127.0.0.1:*");
    const of = { victim: { name, number: 0 }, peer: { name: "", number: 0 } };
    places.push({ name: `${name}, we bind`, role: "bind", address: socket.lastEndpoint!, ...of });
    places.push({ name: `${name}, we connect`, role: "connect", address: "", ...of });
    if ("receive" in socket && name !== "REQ") swallow(socket as zmq.Pull, name);
  }
  (sockets.SUB as zmq.Subscriber).subscribe("");
  talk();
  return places;
}

/** Reads and forgets; a REP answers. Now and then a receive fails with EAGAIN, though it has no timeout: it is counted, and tried again. */
async function swallow(socket: zmq.Pull, name: string): Promise<void> {
  for (;;) {
    try {
      const frames = await socket.receive();
      if (name === "REP") await (socket as unknown as zmq.Reply).send(frames.slice(0, 1));
    } catch {
      failures++;
      await sleep(1);
    }
  }
}

/** A REQ asks the REP, all the time. */
async function talk(): Promise<void> {
  const req = new zmq.Request({ linger: 0 });
  req.connect(sockets.REP!.lastEndpoint!);
  for (;;) {
    const before = performance.now();
    await req.send("there and back");
    await req.receive();
    const milliseconds = performance.now() - before;
    if (milliseconds > gap.milliseconds) gap = { milliseconds, stand: "REP", at: Date.now() };
    rounds++;
    await sleep(PAUSE);
  }
}

async function rest(): Promise<number> {
  heapMemory();
  await sleep(500);
  return heapMemory();
}

serveQuestions({
  open: async (parameters: OpenParameters) => ({ places: await open(parameters) }),
  dial: ({ places }: { places: Place[] }) => {
    for (const { role, address, victim } of places) {
      if (role === "connect") sockets[victim.name]!.connect(address);
    }
  },
  begin: () => {
    gap = NO_GAP;
    watch.reset();
  },
  report: () => ({
    turn: watch.longest,
    atWork: watch.atWork,
    gap,
    rounds,
    good: rounds,
    mutated: 0,
    counts: {},
    faults: [],
    events: { failed: failures },
  }),
  rest: async () => ({ heap: await rest() }),
});
