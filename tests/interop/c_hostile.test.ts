import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Rep } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { frame, header, RawPeer, type Scheme } from "../conformance/raw_peer.ts";
import { temporaryFolder } from "../conformance/transports.ts";
import { concat, hex, utf8 } from "../helpers/bytes.ts";
import type { Child } from "../helpers/process.ts";
import { C_PEERS } from "./c_peers.ts";

const REQ = header(0x30);

/** What a REP does not want to hear. */
const GARBAGE: readonly ((scheme: Scheme) => Uint8Array)[] = [
  () => utf8("GET / HTTP/1.1\r\n\r\n"),
  () => hex("00 53 50 00 00 30 00 01"),
  () => header(0x10),
  (scheme) => concat([REQ, frame(scheme, "", { length: 1n << 63n })]),
  (scheme) => concat([REQ, frame(scheme, "", { length: 1024n * 1024n + 1n })]),
  (scheme) => concat([REQ, frame(scheme, hex("80 00 00"))]),
  (scheme) => concat([REQ, frame(scheme, hex("00 00 00 01 7f ff ff ff"))]),
  () => concat([REQ, frame("ipc", hex("80 00 00 01"), { type: 2 })]),
];

/** Resolves when the peer has had another hundred answers. */
async function goesOn(asker: Child): Promise<void> {
  const before = asker.stdout.length;
  await asker.until(({ stdout }) => stdout.length > before);
}

for (const peer of C_PEERS) {
  test(`while others send garbage, ${peer.name} asks and is answered, over the same connections`, {
    skip: peer.skip,
  }, async () => {
    const { folder, remove } = temporaryFolder();
    try {
      await using rep = new Rep();
      const events = new EventLog(rep);
      rep.serve((request) => request);
      const [tcp, ipc] = [
        await rep.bind("tcp://127.0.0.1:0"),
        await rep.bind(`ipc://${join(folder, "socket")}`),
      ];
      await using overTcp = peer.start("ask", "connect", tcp.address);
      await using overIpc = peer.start("ask", "connect", ipc.address);
      await Promise.all([overTcp, overIpc].map(goesOn));
      const good = rep.stats().peers.map(({ id }) => id);
      assert.equal(good.length, 2);

      for (const { address } of [tcp, ipc]) {
        await Promise.all(GARBAGE.map(async (garbage) => {
          using bad = await RawPeer.connect(address);
          await bad.send(garbage(address.startsWith("tcp") ? "tcp" : "ipc"));
          await bad.closed;
        }));
      }
      await Promise.all([overTcp, overIpc].map(goesOn));
      assert.deepEqual(rep.stats().peers.map(({ id }) => id), good);
      const left = events.of("detached").map(({ peer }) => peer.id);
      assert.deepEqual(left.filter((id) => good.includes(id)), []);
    } finally {
      remove();
    }
  });
}
