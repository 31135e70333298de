/** Publishers that send much that nobody has subscribed to: it does not stay in memory with the little that somebody has. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Sub as SPSub } from "../../../mod.ts";
import { Sub } from "../../../zmtp/mod.ts";
import { frame as spFrame, header, RawPeer } from "../../conformance/raw_peer.ts";
import { concat, pattern, utf8 } from "../../helpers/bytes.ts";
import { frame } from "../helpers/frames.ts";
import { stranger } from "../helpers/stranger.ts";

const ROUNDS = 400;
/** What is wanted, then 60 KiB of what is not. */
const UNWANTED = [...Array(60)].map(() => pattern(1024).fill(0, 0, 1));

/** Bytes that stay in memory as long as these do. */
function kept(received: readonly Uint8Array[]): number {
  const memories = new Set(received.map(({ buffer }) => buffer));
  return [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

async function judge(
  peer: RawPeer,
  round: Uint8Array,
  receive: () => Promise<Uint8Array[]>,
): Promise<void> {
  const sent = peer.send(...Array.from({ length: ROUNDS }, () => round));
  const received: Uint8Array[] = [];
  for (let i = 0; i < ROUNDS; i++) received.push(...await receive());
  await sent;
  assert.ok(kept(received) < 2 ** 21, `${kept(received)} bytes are kept`);
}

test("what a ZeroMQ SUB has not subscribed to does not stay in memory with what it has", async () => {
  await using sub = new Sub({ subscribe: "wanted" });
  const { address } = await sub.bind("tcp://127.0.0.1:0");
  using peer = await stranger(address, "PUB");
  const round = concat([utf8("wanted"), ...UNWANTED].map((body) => frame(0, body)));
  await judge(peer, round, () => sub.receive());
});

test("what an SP SUB has not subscribed to does not stay in memory with what it has", async () => {
  await using sub = new SPSub({ subscribe: "wanted" });
  const { address } = await sub.bind("tcp://127.0.0.1:0");
  using peer = await RawPeer.connect(address);
  await peer.send(header(0x20));
  const round = concat([utf8("wanted"), ...UNWANTED].map((body) => spFrame("tcp", body)));
  await judge(peer, round, async () => [await sub.receive()]);
});
