import assert from "node:assert/strict";
import { test } from "node:test";
import { type Device, device, RawSocket } from "../../mod.ts";
import { type Command, type CPeer, LIBNANOMSG, LIBNNG } from "./c_peers.ts";

type Name = "req" | "rep" | "surveyor" | "respondent" | "pair1";

/** A line of devices, each bound at its front and connected to the next. */
interface Chain extends AsyncDisposable {
  /** Where to ask. */
  readonly front: string;
  /** Where to answer. */
  readonly back: string;
  readonly devices: readonly Device[];
}

async function chain(front: Name, back: Name, length: number): Promise<Chain> {
  const sockets: RawSocket[] = [];
  const devices: Device[] = [];
  const addresses: string[] = [];
  let last = "";
  for (let index = 0; index < length; index++) {
    const [a, b] = [new RawSocket(front), new RawSocket(back)];
    sockets.push(a, b);
    addresses.push((await a.bind("tcp://127.0.0.1:0")).address);
    sockets.at(-3)?.connect(addresses.at(-1)!);
    if (index === length - 1) last = (await b.bind("tcp://127.0.0.1:0")).address;
    devices.push(device(a, b));
  }
  return {
    front: addresses[0]!,
    back: last,
    devices,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(sockets.map((socket) => socket.close()));
    },
  };
}

interface Route {
  readonly name: string;
  readonly front: Name;
  readonly back: Name;
  readonly asks: Command;
  readonly answers: Command;
  readonly asker: CPeer;
  readonly answerer: CPeer;
}

const REQUESTS = {
  name: "requests",
  front: "rep",
  back: "req",
  asks: "ask",
  answers: "echo",
} as const;
const SURVEYS = {
  name: "surveys",
  front: "respondent",
  back: "surveyor",
  asks: "ask-survey",
  answers: "echo-survey",
} as const;
const PAIR1 = {
  name: "PAIR version 1",
  front: "pair1",
  back: "pair1",
  asks: "ask-pair1",
  answers: "echo-pair1",
} as const;

const ROUTES: readonly Route[] = [
  { ...REQUESTS, asker: LIBNANOMSG, answerer: LIBNNG },
  { ...REQUESTS, asker: LIBNNG, answerer: LIBNANOMSG },
  { ...SURVEYS, asker: LIBNANOMSG, answerer: LIBNNG },
  { ...SURVEYS, asker: LIBNNG, answerer: LIBNANOMSG },
  { ...PAIR1, asker: LIBNNG, answerer: LIBNNG },
];

for (const { name, front, back, asks, answers, asker, answerer } of ROUTES) {
  const skip = asker.skip || answerer.skip;

  test(
    `${name} of ${asker.name} are answered by ${answerer.name} through two devices of ours, if a TTL of 3 permits them`,
    { skip },
    async () => {
      await using line = await chain(front, back, 2);
      await using _answerer = answerer.start(answers, "connect", line.back, 3);
      await using asking = asker.start(asks, "connect", line.front);
      await asking.line(/^answered 100$/);
      for (const { stats } of line.devices) {
        const { forward, backward } = stats();
        assert.ok(forward.messages >= 100 && backward.messages >= 100);
        assert.deepEqual([forward.dropped, backward.dropped], [0, 0]);
      }
    },
  );
}
