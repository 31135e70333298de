/** Sockets over every runtime adapter that this runtime can load, the ones that are no default included. */

import assert from "node:assert/strict";
import { describe, test } from "../helpers/flat.ts";
import { Pair, Pull, Push } from "../../mod.ts";
import { registerTransport } from "../../src/surface/transports.ts";
import { IpcTransport } from "../../transports/ipc.ts";
import { TcpTransport } from "../../transports/tcp.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { frame, spHeader } from "../helpers/reference_codec.ts";
import { HERE } from "./adapters.ts";
import { afterTraffic, connectPlain } from "./peer.ts";
import { bytes, freshPath } from "./stage.ts";

const HUGE = bytes(64 * 1024 * 1024);

for (const runtime of HERE) {
  for (const scheme of ["tcp", "ipc"] as const) {
    describe(`sockets over ${scheme} by the ${runtime.name} adapter`, () => {
      const choose = (): void => {
        registerTransport(new TcpTransport(() => runtime));
        registerTransport(new IpcTransport(() => runtime));
      };

      test("pass on a message of 64 MiB", async (t) => {
        choose();
        await using pull = new Pull({ maxMessageSize: Infinity });
        const address = scheme === "tcp" ? "tcp://127.0.0.1:0" : `ipc://${freshPath(t)}`;
        const listener = await pull.bind(address);
        await using push = new Push();
        push.connect(listener.address);
        await push.send(HUGE);
        await push.send("after it");
        assert.ok(HUGE.equals(await pull.receive()));
        assert.equal(new TextDecoder().decode(await pull.receive()), "after it");
      });

      test("pass on 10,000 small messages in order, the last ones at the close", async (t) => {
        choose();
        await using pull = new Pull();
        const address = scheme === "tcp" ? "tcp://127.0.0.1:0" : `ipc://${freshPath(t)}`;
        const listener = await pull.bind(address);
        const push = new Push({ linger: Infinity });
        push.connect(listener.address);
        const sending = (async () => {
          for (let i = 0; i < 10_000; i++) await push.send(`${i}`);
          await push.close();
        })();
        for (let i = 0; i < 10_000; i++) {
          assert.equal(new TextDecoder().decode(await pull.receive()), `${i}`);
        }
        await sending;
      });

      test("find that a peer is gone when they write, also while nobody reads", async (t) => {
        choose();
        await using pair = new Pair({ receiveBuffer: 1000 });
        const path = freshPath(t);
        const { address } = await pair.bind(
          scheme === "tcp" ? "tcp://127.0.0.1:0" : `ipc://${path}`,
        );
        const events = pair.events().getReader();
        const port = Number(address.slice(address.lastIndexOf(":") + 1));
        const peer = await connectPlain(scheme === "tcp" ? { host: "127.0.0.1", port } : { path });
        peer.socket.write(spHeader(0x10));
        for (let i = 0; i < 40; i++) peer.socket.write(frame(scheme, bytes(50_000)));
        await pair.peers(1);
        await afterTraffic();
        peer.socket.destroy();
        let isGone = false;
        const gone = nextEvent(events, "detached").then(() => isGone = true);
        while (!isGone) {
          // What nobody takes is dropped when the socket is closed.
          await Promise.race([pair.send("still there?"), gone]);
          await afterTraffic();
        }
        await using next = new Pair();
        await next.connect(address).opened;
        await pair.close({ linger: 0 });
      });

      test("pass on messages of every size around those where chunks are joined and split", async (t) => {
        choose();
        await using a = new Pair();
        const address = scheme === "tcp" ? "tcp://127.0.0.1:0" : `ipc://${freshPath(t)}`;
        const listener = await a.bind(address);
        await using b = new Pair();
        b.connect(listener.address);
        const sizes = [0, 1, 4088, 4096, 8183, 8184, 8192, 16_384, 16_385, 65_528, 65_536, 300_000];
        const sent = sizes.flatMap((size) => [bytes(size), bytes(3), bytes(20_000)]);
        const [received] = await Promise.all([
          Array.fromAsync(sent, () => b.receive()),
          (async () => {
            for (const message of sent) await a.send(message);
          })(),
        ]);
        for (const [i, message] of received.entries()) {
          assert.ok(sent[i]!.equals(message), `message ${i} of ${sent[i]!.length} bytes`);
        }
      });
    });
  }
}
