/** Servers that are not what a dialer looks for. It says why, and goes on until the right one is there. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, type SPErrorCode } from "../../mod.ts";
import { header, listenRaw, type RawPeer } from "./raw_peer.ts";
import { attached, patience, toText, watch } from "./stage.ts";
import { freePort, freshAddress } from "./transports.ts";

interface BadServer {
  readonly name: string;
  readonly serve: (peer: RawPeer) => unknown;
  readonly code: SPErrorCode;
  readonly message: RegExp;
}

const BAD_SERVERS: readonly BadServer[] = [
  {
    name: "answers with HTTP",
    serve: (peer) => peer.send(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")),
    code: "EPROTO",
    message: /does not speak SP: it began with 48 54 54 50/,
  },
  {
    name: "speaks another protocol",
    serve: (peer) => peer.send(header(0x31)),
    code: "EPROTO",
    message: /speaks protocol 0x31; PUSH needs PULL \(0x51\)/,
  },
  {
    name: "hangs up at once",
    serve: async (peer) => {
      await peer.until(8);
      peer.end();
    },
    code: "EPROTO",
    message: /sent 0 of 8 bytes of its header and closed the connection/,
  },
  {
    name: "says nothing",
    serve: () => {},
    code: "ETIMEDOUT",
    message: /sent 0 of 8 bytes of its header in 50 ms/,
  },
];

for (const scheme of ["tcp", "ipc"] as const) {
  for (const { name, serve, code, message } of BAD_SERVERS) {
    test(`a dialer over ${scheme} to a server that ${name} says so, and finds the right one later`, async () => {
      await using place = freshAddress(scheme);
      const address = scheme === "ipc" ? place.address : await freeTcpAddress();
      await using push = new Push({ handshakeTimeout: 50, reconnectMin: 5, reconnectMax: 20 });
      const log = watch(push);
      {
        await using _ = await listenRaw(address, serve);
        push.connect(address);
        const rejected = await log.next("rejected");
        assert.equal(rejected.reason.code, code);
        assert.match(rejected.reason.message, message);
        const failed = await log.next("connect-failed");
        assert.equal(failed.reason.code, code);
        assert.equal(failed.endpoint, address);
        assert.ok(failed.retryIn <= 20);
        // Not only once.
        await log.next("connect-failed", (event) => event !== failed);
      }
      await using pull = new Pull();
      await pull.bind(address);
      await attached(push);
      await push.send("at last");
      assert.equal(toText(await pull.receive({ signal: patience() })), "at last");
    });

    test(`a dialer over ${scheme} that fails fast gives up on a server that ${name}`, async () => {
      await using place = freshAddress(scheme);
      const address = scheme === "ipc" ? place.address : await freeTcpAddress();
      await using _ = await listenRaw(address, serve);
      await using push = new Push({ handshakeTimeout: 50 });
      const dialer = push.connect(address, { failFast: true });
      await assert.rejects(dialer.opened, { name: "SPError", code, message });
      assert.deepEqual(push.stats().endpoints, []);
    });
  }
}

async function freeTcpAddress(): Promise<string> {
  const { host, port } = await freePort();
  return `tcp://${host}:${port}`;
}
