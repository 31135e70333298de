import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { utf8 } from "../helpers/bytes.ts";
import { C_PEERS, LIBNANOMSG, PATIENT } from "./c_peers.ts";
import { fnv } from "./messages.ts";
import { TRANSPORTS } from "./places.ts";

const COUNT = 10_000;

for (const { name, skip, start } of C_PEERS) {
  for (const transport of TRANSPORTS) {
    test(
      `10,000 messages sent and then close: all of them reach ${name} over ${transport.name}, in order`,
      { skip },
      async () => {
        await using place = await transport.open();
        const push = new Push();
        await push.bind(place.address);
        await using pull = start("count", "connect", place.address, COUNT);
        let hash = fnv(new Uint8Array(0));
        let bytes = 0;
        for (let index = 0; index < COUNT; index++) {
          const message = utf8(`message ${index}`);
          hash = fnv(message, hash);
          bytes += message.length;
          await push.send(message);
        }
        await push.close({ linger: Infinity });
        assert.equal(
          await pull.line(/^received /),
          `received ${COUNT} ${bytes} ${hash}`,
        );
        assert.equal(push.stats().drops.closed, undefined);
      },
    );
  }

  test(
    `every message goes to the ${name} PULL with the higher send priority, and to the other one once that is gone`,
    { skip },
    async () => {
      await using push = new Push();
      const events = new EventLog(push);
      const places = [await push.bind("tcp://127.0.0.1:0", { sendPriority: 1 })];
      places.push(await push.bind("tcp://127.0.0.1:0", { sendPriority: 2 }));
      await using first = start("pull", "connect", places[0]!.address);
      await using second = start("pull", "connect", places[1]!.address);
      await push.peers(2);
      const lines = (messages: readonly Uint8Array[]): string =>
        messages.map((message) => `message ${message.length} ${fnv(message)}\n`).join("");
      const batch = (name: string): Uint8Array[] =>
        Array.from({ length: 100 }, (_, index) => utf8(`${name} ${index}`));

      const toFirst = batch("first");
      for (const message of toFirst) await push.send(message);
      await first.until(({ stdout }) => stdout.toString() === lines(toFirst));
      first.kill("SIGKILL");
      await events.next("detached");
      const toSecond = batch("second");
      for (const message of toSecond) await push.send(message);
      await second.until(({ stdout }) => stdout.toString() === lines(toSecond));
    },
  );
}

test(
  "a libnanomsg PUSH sends to the Pull with the higher NN_SNDPRIO, and to the other one once that is closed",
  { skip: LIBNANOMSG.skip },
  async () => {
    await using control = new Push();
    const { address } = await control.bind("tcp://127.0.0.1:0");
    await using first = new Pull(PATIENT);
    await using second = new Pull(PATIENT);
    const places = [await first.bind("tcp://127.0.0.1:0"), await second.bind("tcp://127.0.0.1:0")];
    await using push = LIBNANOMSG.start(
      "priorities",
      "connect",
      address,
      ...places.map(({ address }) => address),
    );
    await push.line(/^ready$/);
    for (let number = 0; number < 20; number++) {
      await control.send(Uint8Array.of(2));
      assert.deepEqual([...await first.receive()], [number]);
    }
    await first.close();
    for (let number = 20; number < 40; number++) {
      await control.send(Uint8Array.of(1));
      assert.deepEqual([...await second.receive()], [number]);
    }
  },
);
