import assert from "node:assert/strict";
import { test } from "node:test";
import { type Device, device, RawSocket, Req } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { isPending, turn } from "../helpers/turns.ts";
import { C_PEERS, type Command, type CPeer, LIBNANOMSG, LIBNNG, PATIENT } from "./c_peers.ts";

type Name = "req" | "rep" | "surveyor" | "respondent" | "pair1";

/** A line of devices of ours, each bound in front and connected to the next one. */
class Chain implements AsyncDisposable {
  readonly devices: readonly Device[];
  readonly fronts: readonly RawSocket[];
  readonly backs: readonly RawSocket[];
  /** Where each takes questions. */
  readonly addresses: readonly string[];
  /** Where the last one finds who answers. */
  readonly end: string;

  constructor(
    fronts: readonly RawSocket[],
    backs: readonly RawSocket[],
    addresses: readonly string[],
    end: string,
  ) {
    this.fronts = fronts;
    this.backs = backs;
    this.addresses = addresses;
    this.end = end;
    this.devices = fronts.map((front, index) => device(front, backs[index]));
  }

  /** @param ttls For each device, how far a question may have come when it gets there. */
  static async open(front: Name, back: Name, ttls: readonly number[]): Promise<Chain> {
    const fronts = ttls.map((ttl) => new RawSocket(front, { ttl }));
    const backs = ttls.map(() => new RawSocket(back));
    const addresses: string[] = [];
    for (const socket of fronts) addresses.push((await socket.bind("tcp://127.0.0.1:0")).address);
    for (const [index, address] of addresses.slice(1).entries()) backs[index]!.connect(address);
    const { address } = await backs.at(-1)!.bind("tcp://127.0.0.1:0");
    return new Chain(fronts, backs, addresses, address);
  }

  /** Resolves when nothing is said to nobody. */
  async stands(): Promise<void> {
    await Promise.all(this.backs.map((socket) => socket.peers(1)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.fronts, ...this.backs].map((socket) => socket.close()));
  }
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
  name: "messages of PAIR version 1",
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
    `${name} from ${asker.name} are answered by ${answerer.name} through two devices of ours, as a TTL of 3 permits`,
    { skip },
    async () => {
      await using chain = await Chain.open(front, back, [1, 2]);
      await using _answering = answerer.start(answers, "connect", chain.end, 3);
      await chain.stands();
      await using asking = asker.start(asks, "connect", chain.addresses[0]!);
      await asking.line(/^answered 100$/);
      for (const { stats } of chain.devices) {
        const { forward, backward } = stats();
        assert.ok(forward.messages >= 100 && backward.messages >= 100);
        assert.deepEqual([forward.dropped, backward.dropped], [0, 0]);
      }
    },
  );

  test(
    `${name} from ${asker.name} go no further than a device of ours whose TTL of 1 permits none before it`,
    { skip },
    async () => {
      await using chain = await Chain.open(front, back, [1, 1]);
      const events = new EventLog(chain.fronts[1]!);
      await using _answering = answerer.start(answers, "connect", chain.end);
      await chain.stands();
      await using _asking = asker.start(asks, "connect", chain.addresses[0]!);
      const { reason, peer } = await events.next("dropped");
      assert.equal(reason, "ttl");
      assert.deepEqual(chain.fronts[1]!.stats().peers.map(({ id }) => id), [peer?.id]);
      assert.equal(chain.devices[1]!.stats().forward.messages, 0);
    },
  );
}

for (const { name, skip, start } of C_PEERS) {
  test(
    `${name} with a TTL of 2 drops a request that came through two devices of ours, and answers one that came through one`,
    { skip },
    async () => {
      await using chain = await Chain.open("rep", "req", [1, 2]);
      await using _answering = start("echo", "connect", chain.end, 2);
      await chain.stands();
      await using far = new Req(PATIENT);
      await using near = new Req(PATIENT);
      far.connect(chain.addresses[0]!);
      near.connect(chain.addresses[1]!);
      const dropped = far.request("far");
      dropped.catch(() => {});
      // From here on both have one way to go, in turn.
      while (chain.devices[1]!.stats().forward.messages === 0) await turn();
      assert.equal(text(await near.request("near")), "near");
      assert.ok(await isPending(dropped));
    },
  );
}
