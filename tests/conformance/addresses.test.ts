/** The forms of an address, on real sockets. */

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { relative } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Pull, Push } from "../../mod.ts";
import { certificates } from "../helpers/certificates.ts";
import { spError } from "../helpers/errors.ts";
import { attached, tell, toText, watch } from "./stage.ts";
import { freshAddress } from "./transports.ts";

const interfaces = Object.entries(networkInterfaces()).map(([name, all = []]) =>
  [name, all.map(({ address }) => address)] as const
);
const noIPv6 = !interfaces.some(([, all]) => all.includes("::1")) && "this machine has no IPv6";
/** The interface of this machine alone: `lo`, mostly. */
const [loopback = "lo", loopbackAddresses = []] =
  interfaces.find(([, all]) => all.includes("127.0.0.1")) ?? [];
/** An interface with an address that only its own network knows, which needs a zone. */
const [zone, linkLocal] =
  interfaces.flatMap(([name, all]) =>
    all.filter((address) => /^fe80:/.test(address)).map((address) => [name, address] as const)
  )[0] ?? [];
const { ca, server: own } = await certificates();
const noLoopbackNet = process.platform !== "linux" && "only Linux has all of 127.0.0.0/8";

/** Binds to one address, connects to another, and checks that a message goes over. */
async function assertReaches(
  bound: string,
  connected: (address: string) => string,
): Promise<{ listening: string; peer: string; dialled: string }> {
  await using pull = new Pull();
  await using push = new Push();
  const log = watch(pull);
  const tls = /^(tls|wss)/.test(bound);
  const { address } = await pull.bind(bound, tls ? { tls: own } : {});
  const dialer = push.connect(connected(address), tls ? { tls: { ca } } : {});
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

for (const scheme of ["tcp", "tls+tcp", "ws", "wss"]) {
  test(`${scheme}4 is IPv4 and nothing else`, async () => {
    const { listening, dialled } = await assertReaches(
      `${scheme}4://*:0`,
      (at) => `${scheme}4://localhost:${portOf(at)}`,
    );
    assert.match(
      listening,
      new RegExp(`^${scheme.replace("+", "\\+")}4://0\\.0\\.0\\.0:[1-9]\\d*$`),
    );
    assert.match(dialled, /:\/\/127\.0\.0\.1:/);
    await using pull = new Pull();
    await using push = new Push();
    const wanted = `and ${scheme}4:// is for IPv4 only`;
    await assert.rejects(pull.bind(`${scheme}4://[::1]:0`), spError("EINVAL", "::1", wanted));
    assert.throws(() => push.connect(`${scheme}4://[::1]:9`), spError("EINVAL", "::1", wanted));
  });

  test(`${scheme}6 is IPv6 and nothing else`, { skip: noIPv6 }, async () => {
    const isSecure = /^(tls|wss)/.test(scheme);
    const bindOptions = isSecure ? { tls: own } : {};
    // The certificate is for no IPv6 address.
    const connectOptions = isSecure ? { tls: { ca, serverName: "localhost" } } : {};
    await using pull = new Pull();
    const { address } = await pull.bind(`${scheme}6://*:0`, bindOptions);
    assert.ok(address.startsWith(`${scheme}6://[::]:`), address);
    const port = portOf(address);
    await using push = new Push(connectOptions);
    await push.connect(`${scheme}6://[::1]:${port}`).opened;
    assert.equal(toText(await tell(push, pull, "hello")), "hello");
    await using other = new Push({ ...connectOptions, reconnectMin: 5, reconnectMax: 5 });
    const log = watch(other);
    const heard = watch(pull);
    other.connect(`${scheme}4://127.0.0.1:${port}`);
    // Deno takes the connection, and lets go of it.
    await Promise.race([log.next("connect-failed"), log.next("detached"), heard.next("rejected")]);
    await other.close();
    assert.equal(pull.stats().peers.length, 1);
    await assert.rejects(
      pull.bind(`${scheme}6://127.0.0.1:0`, bindOptions),
      spError("EINVAL", `"127.0.0.1" is an IPv4 address, and ${scheme}6:// is for IPv6 only`),
    );
  });

  test(`over ${scheme} the name of an interface is its address, to bind and to connect from`, async () => {
    const { listening, peer } = await assertReaches(
      `${scheme}://${loopback}:0`,
      (at) => `${scheme}://${loopback};127.0.0.1:${portOf(at)}`,
    );
    assert.ok(listening.startsWith(`${scheme}://127.0.0.1:`), listening);
    assert.match(peer, /:\/\/127\.0\.0\.1:/);
  });

  test(`over ${scheme} an interface that is not there is told with those that are`, async () => {
    const options = /^(tls|wss)/.test(scheme) ? { tls: own } : {};
    const names = interfaces.map(([name]) => name).join(", ");
    await using pull = new Pull(options);
    await assert.rejects(
      pull.bind(`${scheme}://eth987:0`),
      spError(
        "ENOTFOUND",
        `Cannot bind to "${scheme}://eth987:0": no interface "eth987"; there are ${names}`,
      ),
    );
    await using push = new Push();
    await assert.rejects(
      push.connect(`${scheme}://eth987;127.0.0.1:9`, { failFast: true }).opened,
      spError(
        "EADDRNOTAVAIL",
        `Cannot connect to "${scheme}://eth987;127.0.0.1:9": no interface "eth987"; there are ${names}`,
      ),
    );
  });
}

test(
  "an interface is bound by its IPv6 address where that is asked for",
  { skip: noIPv6 },
  async () => {
    assert.ok(loopbackAddresses.includes("::1"));
    const { listening, peer } = await assertReaches(
      `tcp6://${loopback}:0`,
      (at) => `tcp://${loopback};[::1]:${portOf(at)}`,
    );
    assert.match(listening, /^tcp6:\/\/\[::1\]:/);
    assert.match(peer, /^tcp6:\/\/\[::1\]:/);
  },
);

test("a local address and a host without an IP version in common are told", async () => {
  await using push = new Push();
  await assert.rejects(
    push.connect("tcp://127.0.0.1;[::1]:9", { failFast: true }).opened,
    spError("EADDRNOTAVAIL", '"127.0.0.1" and "::1" have no IP version in common'),
  );
});

test("an address that only its own network knows has a zone, and keeps it", {
  skip: linkLocal === undefined && "this machine has no link-local address",
}, async () => {
  const { listening } = await assertReaches(`tcp://[${linkLocal}%${zone}]:0`, (at) => at);
  assert.ok(listening.startsWith(`tcp://[${linkLocal}%${zone}]:`), listening);
});

test("of an address with a zone, what Deno cannot do is told", {
  skip: linkLocal === undefined
    ? "this machine has no link-local address"
    : !("Deno" in globalThis) && "others can",
}, async () => {
  const local = `[${linkLocal}%${zone}]`;
  await using pull = new Pull({ tls: own });
  await assert.rejects(
    pull.bind(`tls+tcp://${local}:0`),
    spError("ENOTSUP", `Cannot bind to "tls+tcp://${local}:0": Deno's node:net`),
  );
  await using push = new Push({ tls: { ca } });
  for (const at of [`tls+tcp://${local}:9`, `tcp://${local};${local}:9`, `ws://${local};[::1]:9`]) {
    const { opened } = push.connect(at, { failFast: true });
    await assert.rejects(opened, spError("ENOTSUP", `Cannot connect to "${at}": Deno's node:net`));
  }
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
