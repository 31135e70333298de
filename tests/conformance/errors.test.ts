/** What goes wrong when binding and connecting: the error says what cannot be done, with which value, and why. */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Pull, Push, type SPErrorCode } from "../../mod.ts";
import { spError } from "../helpers/errors.ts";
import { start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { attached, tell, toText, watch } from "./stage.ts";
import { freePort, freshAddress, temporaryFolder } from "./transports.ts";

const LISTENER = join(PROJECT, "tests", "conformance", "fixtures", "listener.ts");

const BAD_ADDRESSES: readonly (readonly [address: string, wanted: string])[] = [
  ["", "no scheme, expected one of tcp://, ipc://"],
  ["127.0.0.1:5555", "no scheme, expected one of tcp://, ipc://"],
  ["gopher://127.0.0.1:70", 'unknown scheme "gopher"'],
  ["tcp://127.0.0.1", "no port, expected"],
  ["tcp://127.0.0.1:65536", 'invalid port "65536"'],
  ["tcp://127.0.0.256:5555", 'invalid host "127.0.0.256"'],
  ["tcp://::1:5555", 'invalid host "::1"'],
  ["ipc://", "no path"],
  [`ipc:///tmp/${"x".repeat(120)}`, "the path has 125 bytes"],
  ["inproc://", "no name"],
];

for (const [address, wanted] of BAD_ADDRESSES) {
  const short = address.length > 40 ? `${address.slice(0, 20)}...` : address;
  test(`the address "${short}" can be neither bound nor connected to`, async () => {
    await using pull = new Pull();
    const given = JSON.stringify(address);
    await assert.rejects(pull.bind(address), spError("EINVAL", "Cannot bind to", given, wanted));
    assert.throws(
      () => pull.connect(address),
      spError("EINVAL", "Cannot connect to", given, wanted),
    );
    assert.deepEqual(pull.stats().endpoints, []);
  });
}

test("an option of bind or of connect that is wrong is named with its value", async () => {
  await using pull = new Pull();
  const address = "inproc://never";
  await assert.rejects(
    pull.bind(address, { backlog: 0 }),
    spError("EINVAL", "Cannot set backlog to 0", "expected a whole number from 1 to 65535"),
  );
  await assert.rejects(
    pull.bind(address, { failFast: true } as object),
    spError("EINVAL", 'Unknown option "failFast"', "backlog"),
  );
  assert.throws(
    () => pull.connect(address, { reconnectMin: -5 }),
    spError("EINVAL", "Cannot set reconnectMin to -5", "milliseconds"),
  );
  assert.deepEqual(pull.stats().endpoints, []);
});

for (const scheme of ["tcp", "ipc", "inproc"] as const) {
  test(`an address of ${scheme} that is in use is EADDRINUSE, and who has it is not disturbed`, async () => {
    await using place = scheme === "inproc" ? undefined : freshAddress(scheme);
    await using first = new Pull();
    const { address } = await first.bind(place?.address ?? `inproc://${crypto.randomUUID()}`);
    await using push = new Push();
    push.connect(address);
    await attached(push);
    const log = watch(push);
    await using second = new Pull();
    await assert.rejects(
      second.bind(address),
      spError("EADDRINUSE", `Cannot bind to "${address}"`, "(EADDRINUSE)"),
    );
    await assert.rejects(first.bind(address), spError("EADDRINUSE", address));
    assert.equal(second.stats().bindErrors, 1);
    assert.deepEqual(second.stats().endpoints, []);
    assert.equal(toText(await tell(push, first, "still here")), "still here");
    assert.deepEqual(log.all, []);
  });
}

test("a port that another program listens on is EADDRINUSE", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  assert.ok(typeof bound === "object" && bound !== null);
  await using pull = new Pull();
  await assert.rejects(
    pull.bind(`tcp://127.0.0.1:${bound.port}`),
    spError("EADDRINUSE", `127.0.0.1:${bound.port}`),
  );
  await new Promise((resolve) => server.close(resolve));
});

test("an address that is not this machine's is EADDRNOTAVAIL", async () => {
  await using pull = new Pull();
  // TEST-NET-1 (RFC 5737) is nobody's.
  await assert.rejects(
    pull.bind("tcp://192.0.2.1:0"),
    spError("EADDRNOTAVAIL", 'Cannot bind to "tcp://192.0.2.1:0"', "not one of this machine's"),
  );
});

test("a socket file in a folder that is not there is ENOENT", async () => {
  await using pull = new Pull();
  const folder = join(import.meta.dirname!, "no-such-folder");
  await assert.rejects(
    pull.bind(`ipc://${folder}/socket`),
    spError("ENOENT", `Cannot bind to "ipc://${folder}/socket": no folder "${folder}/"`),
  );
});

test("a socket file where nobody may make one is EACCES", {
  skip: process.platform !== "linux" && "only Linux has a /sys where not even root makes files",
}, async () => {
  await using pull = new Pull();
  await assert.rejects(
    pull.bind("ipc:///sys/nanostreams.ipc"),
    spError("EACCES", 'Cannot bind to "ipc:///sys/nanostreams.ipc": permission denied'),
  );
});

test("a file that is no socket is EADDRINUSE and stays as it is", async () => {
  const { folder, remove } = temporaryFolder();
  const file = join(folder, "file");
  const link = join(folder, "link");
  const directory = join(folder, "directory");
  writeFileSync(file, "precious");
  symlinkSync(file, link);
  mkdirSync(directory);
  await using pull = new Pull();
  for (const path of [file, link, directory]) {
    await assert.rejects(
      pull.bind(`ipc://${path}`),
      spError(
        "EADDRINUSE",
        `Cannot bind to "ipc://${path}"`,
        "a file that is not a socket is there",
      ),
    );
  }
  assert.equal(readFileSync(link, "utf8"), "precious");
  assert.ok(statSync(directory).isDirectory());
  remove();
});

test("a socket file whose program was killed is taken over", async () => {
  await using place = freshAddress("ipc");
  const path = place.address.slice("ipc://".length);
  await using child = start(CURRENT.command, [...CURRENT.args, LISTENER, path]);
  await child.line(/^listening/);
  await using pull = new Pull();
  await assert.rejects(pull.bind(place.address), spError("EADDRINUSE", "somebody listens on it"));
  child.kill("SIGKILL");
  await child.exited;
  assert.ok(statSync(path).isSocket(), "the file is still there");
  await pull.bind(place.address);
  await using push = new Push();
  push.connect(place.address);
  assert.equal(toText(await tell(push, pull, "over")), "over");
});

test("a socket file is gone when its listener is closed", async () => {
  await using place = freshAddress("ipc");
  const path = place.address.slice("ipc://".length);
  await using pull = new Pull();
  const listener = await pull.bind(place.address);
  assert.ok(statSync(path).isSocket());
  await listener.close();
  assert.equal(statSync(path, { throwIfNoEntry: false }), undefined);
});

const NOBODY: readonly (readonly [scheme: "tcp" | "ipc", code: SPErrorCode, reason: string])[] = [
  ["tcp", "ECONNREFUSED", "nobody listens there"],
  ["ipc", "ENOENT", "no such file"],
];

for (const [scheme, code, reason] of NOBODY) {
  test(`a dialer over ${scheme} that fails fast gives up where nobody listens`, async () => {
    await using place = freshAddress(scheme);
    const address = scheme === "ipc" ? place.address : await freeTcpAddress();
    await using push = new Push();
    const log = watch(push);
    const dialer = push.connect(address, { failFast: true });
    await assert.rejects(
      dialer.opened,
      spError(code, `Cannot connect to "${address}": ${reason} (${code})`),
    );
    assert.deepEqual(push.stats().endpoints, []);
    await dialer.close();
    await push.close();
    await log.ended;
    assert.deepEqual(log.of("attached"), []);
  });
}

test("a dialer that fails fast goes on once it has had a peer", async () => {
  await using place = freshAddress("ipc");
  await using push = new Push({ reconnectMin: 1, reconnectMax: 10 });
  await using first = new Pull();
  await first.bind(place.address);
  const dialer = push.connect(place.address, { failFast: true });
  const { protocol, role } = await dialer.opened;
  assert.deepEqual([protocol, role], ["pull", "connect"]);
  const log = watch(push);
  await first.close();
  await log.next("connect-failed");
  await using second = new Pull();
  await second.bind(place.address);
  await log.next("attached");
});

test("the promise of a dialer that is closed before it is opened rejects with ECLOSED", async () => {
  await using push = new Push();
  const dialer = push.connect(await freeTcpAddress());
  await dialer.close();
  await assert.rejects(dialer.opened, spError("ECLOSED"));
  await dialer.close();
});

test("a name that nobody knows is ENOTFOUND, and the dialer tries again", async () => {
  await using push = new Push({ reconnectMin: 1, reconnectMax: 10 });
  const log = watch(push);
  // RFC 6761 keeps .invalid free of names.
  const address = "tcp://no-such-host.invalid:5555";
  push.connect(address);
  const failed = await log.next("connect-failed");
  spError("ENOTFOUND", `Cannot connect to "${address}": the name is unknown`)(failed.reason);
  await log.next("connect-failed", (event) => event !== failed);
});

async function freeTcpAddress(): Promise<string> {
  const { host, port } = await freePort();
  return `tcp://${host}:${port}`;
}
