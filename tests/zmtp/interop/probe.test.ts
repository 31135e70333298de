/** `nanostreams probe` before the real libzmq, of npm's package `zeromq`. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Dealer, Pair } from "../../../zmtp/mod.ts";
import { runNanostreams } from "../../helpers/nanostreams.ts";
import { utf8 } from "../../helpers/bytes.ts";
import { type Child, PATIENCE, start } from "../../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../../helpers/runtimes.ts";
import type { Bound } from "./probe_peer.ts";

const isHere = process.env["REQUIRE_PEERS"] === "1" ||
  existsSync(join(PROJECT, "node_modules", "zeromq", "build", process.platform, process.arch));
const skip = isHere ? false : "zeromq is missing: npm install";
const NODE = RUNTIMES.find(({ name }) => name === "node")!;

const ANYWHERE = "tcp://127.0.0.1:*";
/** A secret key of the specification's: 32 bytes of 2. */
const SECRET = "0rJua0rJua0rJua0rJua0rJua0rJua0rJua0rJua";

/** Sockets of libzmq, and where they are bound. */
async function bound(sockets: readonly Bound[]): Promise<{ child: Child; urls: string[] }> {
  const program = join(import.meta.dirname!, "probe_peer.ts");
  const child = start(NODE.command, [...NODE.args, program, JSON.stringify(sockets)]);
  await child.until(({ stdout }) => `${stdout}`.split("\n").length > sockets.length);
  const urls = `${child.stdout}`.trimEnd().split("\n").map((line) => line.replace(/^bound /, ""));
  return { child, urls };
}

/** What probe finds at several addresses, without the addresses and the times. */
async function probe(...urls: string[]): Promise<Record<string, unknown>[]> {
  const { stdout, stderr } = await runNanostreams(["probe", "--json", "--timeout", "8s", ...urls]);
  assert.equal(stderr, "");
  return `${stdout}`.trimEnd().split("\n").map((line) => {
    const { roundTrip: _, url: __, ...finding } = JSON.parse(line);
    return finding;
  });
}

test("probe tells the types and mechanisms of libzmq's sockets", { skip }, async () => {
  const types = ["Publisher", "XPublisher", "Pull", "Reply", "Router", "Dealer", "Pair"] as const;
  const { child, urls } = await bound([
    ...types.map((type) => ({ type, address: ANYWHERE })),
    { type: "Pull", address: ANYWHERE, options: { plainServer: true } },
    { type: "Pull", address: ANYWHERE, options: { curveServer: true, curveSecretKey: SECRET } },
  ]);
  await using _child = child;
  const zmtp = { found: "zmtp", version: "3.1" };
  assert.deepEqual(await probe(...urls), [
    ...["PUB", "XPUB", "PULL", "REP", "ROUTER", "DEALER", "PAIR"]
      .map((type) => ({ ...zmtp, mechanism: "NULL", type })),
    { ...zmtp, mechanism: "PLAIN" },
    { ...zmtp, mechanism: "CURVE" },
  ]);
});

test("probe tells libzmq's WebSocket, and its type", { skip }, async () => {
  const { child, urls } = await bound([{ type: "Publisher", address: "ws://127.0.0.1:*" }]);
  await using _child = child;
  const subprotocols = ["ZWS2.0/NULL", "ZWS2.0"];
  assert.deepEqual(await probe(...urls), [{ found: "websocket", subprotocols, type: "PUB" }]);
});

test("probe leaves libzmq's sockets to their peers", { skip }, async () => {
  const { child, urls } = await bound([
    { type: "Pair", address: ANYWHERE },
    { type: "Dealer", address: ANYWHERE },
  ]);
  await using _child = child;
  await probe(...urls);
  await using pair = new Pair();
  pair.connect(urls[0]!);
  await using dealer = new Dealer();
  dealer.connect(urls[1]!);
  const wait = { timeout: PATIENCE };
  await Promise.all([pair.peers(1, wait), dealer.peers(1, wait)]);
  await probe(...urls);
  await Promise.all([pair.send([utf8("a")], wait), dealer.send([utf8("b")], wait)]);
  assert.deepEqual([pair.stats().peers.length, dealer.stats().peers.length], [1, 1]);
});
