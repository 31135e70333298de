/** A PAIR that has its peer: whoever else comes is refused before it could think that it was taken in. */

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
  type MessageLike,
  Pair,
  Pair1,
  type RawMessage,
  RawSocket,
  type Socket,
  type SocketOptions,
  WebSocketMount,
} from "../../mod.ts";
import { attached, patience, toText, watch } from "../conformance/stage.ts";
import {
  addressPlace,
  leaveTransports,
  type Place,
  TRANSPORTS,
} from "../conformance/transports.ts";
import { isPending } from "../helpers/turns.ts";
import { SERVERS } from "./mounts.ts";

after(leaveTransports);

const SOON: SocketOptions = { reconnectMin: 5, reconnectMax: 20 };

/** One side, and how to talk with it. */
interface Side {
  readonly socket: Socket;
  send(text: string): Promise<void>;
  receive(): Promise<string>;
}

function cooked(socket: Pair | Pair1): Side {
  return {
    socket,
    send: (text: MessageLike) => socket.send(text),
    receive: async () => toText(await socket.receive({ signal: patience() })),
  };
}

function raw(socket: RawSocket<"pair"> | RawSocket<"pair1">, header: Uint8Array): Side {
  return {
    socket,
    send: (text) => socket.send({ header, body: text }),
    receive: async () => toText((await socket.receive({ signal: patience() }) as RawMessage).body),
  };
}

const KINDS: Readonly<Record<string, () => Side>> = {
  "pair": () => cooked(new Pair(SOON)),
  "pair1": () => cooked(new Pair1(SOON)),
  "raw pair": () => raw(new RawSocket("pair", SOON), new Uint8Array(0)),
  "raw pair1": () => raw(new RawSocket("pair1", SOON), new Uint8Array(4)),
};

interface Case {
  readonly name: string;
  readonly redials: boolean;
  open(): Promise<Place>;
}

const CASES: readonly Case[] = [
  ...TRANSPORTS,
  {
    name: "abstract",
    redials: true,
    open: () => Promise.resolve(addressPlace(`abstract://${crypto.randomUUID()}`)),
  },
  ...SERVERS.filter(({ isHere }) => isHere).map(({ name, start }) => ({
    name: `a mount in ${name}`,
    redials: true,
    open: async () => {
      const mount = new WebSocketMount();
      // Bun asks for the limits of a socket that is bound.
      const before = new Pair();
      const listener = await before.bind(mount);
      const server = await start(mount);
      await listener.close();
      await before.close();
      return {
        listen: (socket: Socket) => socket.bind(mount),
        dial: (socket: Socket) => socket.connect(`${server.address}/pair`),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  })),
].filter(({ name }) => name !== "abstract" || globalThis.process?.platform === "linux");

for (const { name, open, redials } of CASES) {
  describe(`over ${name}`, () => {
    for (const [kind, make] of Object.entries(KINDS)) {
      test(`a second peer of a ${kind} is never attached, and keeps what it has for the next`, async () => {
        await using place = await open();
        const [bound, first, second] = [make(), make(), make()];
        try {
          await place.listen(bound.socket);
          place.dial(first.socket);
          await attached(first.socket, bound.socket);
          const [heard, told] = [watch(bound.socket), watch(second.socket)];
          place.dial(second.socket);
          const sent = second.send("kept");
          const { reason } = await heard.next("rejected");
          assert.equal(reason.code, "EBUSY", reason.message);
          if (redials) {
            await told.next("connect-failed");
            await heard.next("rejected", () => heard.of("rejected").length > 1);
            await told.next("connect-failed", () => told.of("connect-failed").length > 1);
          } else await told.next("rejected");
          assert.equal(await isPending(sent), true);
          assert.equal(await isPending(second.socket.peers(1).catch(() => {})), true);
          await first.send("undisturbed");
          assert.equal(await bound.receive(), "undisturbed");
          assert.deepEqual([heard.of("attached"), told.of("attached")], [[], []]);

          await first.socket.close();
          await heard.next("detached");
          if (!redials) place.dial(second.socket);
          await sent;
          assert.equal(await bound.receive(), "kept");
          assert.deepEqual(second.socket.stats().drops, {});
          assert.equal(told.of("attached").length, 1);
        } finally {
          await Promise.all(
            [bound, first, second].map(({ socket }) => socket.close({ linger: 0 })),
          );
        }
      });
    }

    test("of several that come at once, one is attached, and no other thinks that it is", async () => {
      await using place = await open();
      const bound = new Pair(SOON);
      const dialers = Array.from({ length: 5 }, () => new Pair(SOON));
      try {
        const heard = watch(bound);
        const told = dialers.map((dialer) => watch(dialer));
        await place.listen(bound);
        for (const dialer of dialers) place.dial(dialer);
        await attached(bound);
        await heard.next("rejected", () => heard.of("rejected").length >= 4);
        await Promise.any(told.map((log) => log.next("attached")));
        await heard.next("attached");
        assert.equal(told.reduce((sum, log) => sum + log.of("attached").length, 0), 1);
        assert.equal(heard.of("attached").length, 1);
      } finally {
        await Promise.all([bound, ...dialers].map((socket) => socket.close({ linger: 0 })));
      }
    });

    test("a pair that has its peer and dials another attaches neither to the other", async () => {
      await using place = await open();
      await using elsewhere = await open();
      const [bound, first, other] = [new Pair(SOON), new Pair(SOON), new Pair(SOON)];
      try {
        await place.listen(bound);
        place.dial(first);
        await attached(first, bound);
        await elsewhere.listen(other);
        const [heard, told] = [watch(other), watch(bound)];
        elsewhere.dial(bound);
        if (redials) {
          assert.equal((await told.next("connect-failed")).reason.code, "EBUSY");
          await told.next("connect-failed", () => told.of("connect-failed").length > 1);
        } else assert.equal((await told.next("rejected")).reason.code, "EBUSY");
        assert.deepEqual([heard.of("attached"), told.of("attached")], [[], []]);
        await first.send("undisturbed");
        assert.equal(toText(await bound.receive({ signal: patience() })), "undisturbed");
        if (!redials) return;
        await first.close();
        await other.send("welcome");
        assert.equal(toText(await bound.receive({ signal: patience() })), "welcome");
      } finally {
        await Promise.all([bound, first, other].map((socket) => socket.close({ linger: 0 })));
      }
    });
  });
}
