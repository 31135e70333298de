/** The forms of an address, on real sockets. */

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { relative } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Pull, Push } from "../../mod.ts";
import { attached, tell, toText, watch } from "./stage.ts";
import { freshAddress } from "./transports.ts";

const addresses = Object.values(networkInterfaces()).flat().map((one) => one?.address);
const noIPv6 = !addresses.includes("::1") && "this machine has no IPv6";
const noLoopbackNet = process.platform !== "linux" && "only Linux has all of 127.0.0.0/8";

/** Binds to one address, connects to another, and checks that a message goes over. */
async function assertReaches(
  bound: string,
  connected: (address: string) => string,
): Promise<{ listening: string; peer: string; dialled: string }> {
  await using pull = new Pull();
  await using push = new Push();
  const log = watch(pull);
  const { address } = await pull.bind(bound);
  const dialer = push.connect(connected(address));
  const { remoteAddress } = await dialer.opened;
  await attached(pull);
  assert.equal(toText(await tell(push, pull, "hello")), "hello");
  const { peer } = await log.next("attached");
  return { listening: address, peer: peer.remoteAddress, dialled: remoteAddress };
}

const portOf = (address: string): string => address.slice(address.lastIndexOf(":") + 1);

test("port 0 is one that the operating system chooses", async () => {
  const { listening, dialled, peer } = await assertReaches("tcp://127.0.0.1:0", (at) => at);
  assert.match(listening, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.equal(dialled, listening);
  assert.match(peer, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.notEqual(peer, listening);
});

test("an asterisk stands for all interfaces", async () => {
  const { listening, peer } = await assertReaches(
    "tcp://*:0",
    (at) => `tcp://127.0.0.1:${portOf(at)}`,
  );
  assert.match(listening, /^tcp:\/\/(\[::\]|0\.0\.0\.0):[1-9]\d*$/);
  assert.match(peer, /^tcp:\/\/127\.0\.0\.1:/);
});

test("an asterisk stands for IPv6 as well", { skip: noIPv6 }, async () => {
  const { peer } = await assertReaches("tcp://*:0", (at) => `tcp://[::1]:${portOf(at)}`);
  assert.match(peer, /^tcp:\/\/\[::1\]:/);
});

test("an IPv6 address stands in brackets", { skip: noIPv6 }, async () => {
  const { listening } = await assertReaches("tcp://[::1]:0", (at) => at);
  assert.match(listening, /^tcp:\/\/\[::1\]:[1-9]\d*$/);
});

test("a host may be a name", async () => {
  await assertReaches("tcp://localhost:0", (at) => `tcp://localhost:${portOf(at)}`);
});

test("a local address before a semicolon is where the connection comes from", {
  skip: noLoopbackNet,
}, async () => {
  const { peer } = await assertReaches(
    "tcp://127.0.0.1:0",
    (at) => `tcp://127.0.0.7;127.0.0.1:${portOf(at)}`,
  );
  assert.match(peer, /^tcp:\/\/127\.0\.0\.7:/);
});

test("a scheme may be in capitals", async () => {
  await assertReaches("TCP://127.0.0.1:0", (at) => at.replace("tcp", "Tcp"));
});

test("a path of ipc may be relative", async () => {
  await using place = freshAddress("ipc");
  const path = relative(process.cwd(), place.address.slice("ipc://".length));
  const { listening } = await assertReaches(`ipc://${path}`, () => place.address);
  assert.equal(listening, `ipc://${path}`);
});

test("a name of inproc may be anything", async () => {
  const name = `inproc://${crypto.randomUUID()} with spaces/slashes?and=ümläuts`;
  const { listening, dialled } = await assertReaches(name, (at) => at);
  assert.deepEqual([listening, dialled], [name, name]);
});

test("a socket has as many addresses as it wants, of any scheme", async () => {
  await using place = freshAddress("ipc");
  await using pull = new Pull();
  const bound = ["tcp://127.0.0.1:0", place.address, `inproc://${crypto.randomUUID()}`];
  const listeners = await Promise.all(bound.map((address) => pull.bind(address)));
  for (const { address } of listeners) {
    await using push = new Push();
    push.connect(address);
    assert.equal(toText(await tell(push, pull, address)), address);
  }
  assert.deepEqual(
    pull.stats().endpoints.map(({ address, role, accepted }) => [address, role, accepted]),
    listeners.map(({ address }) => [address, "bind", 1]),
  );
});
