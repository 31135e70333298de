/** `abstract://`: Linux's sockets with names that are in no file system; and named pipes on Windows, as far as Linux shows them. */

import assert from "node:assert/strict";
import process from "node:process";
import { describe, test } from "node:test";
import { Pair, Pull, Push, Rep, Req } from "../../mod.ts";
import { resolveEndpointOptions } from "../../src/surface/options.ts";
import type { Bindable, Dialable, TransportContext } from "../../src/contracts/transport.ts";
import { AbstractTransport } from "../../transports/abstract.ts";
import { IpcTransport } from "../../transports/ipc.ts";
import type { StreamRuntime, StreamTarget } from "../../transports/runtime.ts";
import { patience, toText, watch } from "../conformance/stage.ts";
import { spError } from "../helpers/errors.ts";
import { NNGCAT } from "../helpers/peers.ts";
import { start } from "../helpers/process.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const skip = process.platform === "linux" ? false : "only Linux has abstract names";

function freshAddress(): string {
  return `abstract://nanostreams-${process.pid}-${crypto.randomUUID()}`;
}

describe("an abstract name", () => {
  test("is bound and connected to, in either order", { skip }, async () => {
    const address = freshAddress();
    await using req = new Req({ reconnectMin: 5, reconnectMax: 20 });
    const log = watch(req);
    req.connect(address);
    assert.equal((await log.next("connect-failed")).reason.code, "ECONNREFUSED");
    await using rep = new Rep();
    assert.equal((await rep.bind(address)).address, address);
    rep.serve((text) => text);
    assert.equal(toText(await req.request("hello")), "hello");
    assert.equal(req.stats().peers[0]!.remoteAddress, address);
  });

  test("is written as in a URI, and may have any character", { skip }, async () => {
    const name = `${crypto.randomUUID()}/a b%ü\0z`;
    const encoded = `abstract://${encodeURIComponent(name)}`;
    await using pull = new Pull();
    const { address } = await pull.bind(encoded);
    assert.equal(address, encoded);
    await using push = new Push();
    // What need not be encoded may be written as it is.
    push.connect(encoded.replace("%2F", "/"));
    await push.send("found");
    assert.equal(toText(await pull.receive()), "found");
  });

  test("is one that nobody else has, where none is given", { skip }, async () => {
    await using one = new Pair();
    await using other = new Pair();
    const { address } = await one.bind("abstract://");
    assert.notEqual((await other.bind("abstract://")).address, address);
    await using peer = new Pair();
    peer.connect(address);
    await peer.send("there");
    assert.equal(toText(await one.receive()), "there");
    await assert.throws(() => peer.connect("abstract://"), spError("EINVAL", "no name"));
  });

  test("is bound once, and free when it is closed", { skip }, async () => {
    const address = freshAddress();
    await using one = new Pull();
    await using other = new Pull();
    const listener = await one.bind(address);
    await assert.rejects(other.bind(address), spError("EADDRINUSE", address));
    await listener.close();
    await other.bind(address);
  });

  test("has 107 bytes at the most", { skip }, async () => {
    await using pull = new Pull();
    // Bun itself takes one less: it wants room for a closing zero byte.
    const length = CURRENT.name === "bun" ? 106 : 107;
    await pull.bind(`abstract://${crypto.randomUUID().padEnd(length, "x")}`);
    await assert.rejects(
      pull.bind(`abstract://${"x".repeat(108)}`),
      spError("EINVAL", "108 bytes"),
    );
    await assert.rejects(pull.bind(`abstract://${"%C3%BC".repeat(54)}`), spError("EINVAL", "108"));
  });

  test("is refused where its encoding is none", { skip }, async () => {
    await using pull = new Pull();
    for (const wrong of ["%", "%zz", "%ff", "a%2"]) {
      await assert.rejects(pull.bind(`abstract://${wrong}`), spError("EINVAL", "%25"));
    }
  });

  for (const role of ["--listen", "--dial"] as const) {
    test(`is nng's too, when nngcat does ${role}`, {
      skip: skip || NNGCAT.skip,
    }, async () => {
      const address = `${freshAddress()}%2Fwith%20more`;
      await using pair = new Pair({ reconnectMin: 5, reconnectMax: 20 });
      if (role === "--dial") await pair.bind(address);
      await using cat = start(NNGCAT.command, [
        ...["--pair0", role, address, "--data", "from nng", "--quoted"],
      ]);
      if (role === "--listen") pair.connect(address);
      assert.equal(toText(await pair.receive({ signal: patience() })), "from nng");
      await pair.send("from us");
      await cat.line(/from us/);
    });
  }

  test("is told to be Linux's on other systems", () => {
    const transport = new AbstractTransport(undefined, "darwin");
    const options = resolveEndpointOptions({}, {});
    for (const role of ["bind", "connect"] as const) {
      assert.throws(
        () => transport[role]("abstract://x", "x", options),
        spError("ENOTSUP", "only Linux"),
      );
    }
  });
});

describe("an ipc address on Windows", () => {
  const options = resolveEndpointOptions({}, {});
  const targets: StreamTarget[] = [];
  const runtime: StreamRuntime = {
    name: "test",
    connect: (target) => {
      targets.push(target);
      return Promise.reject(new Error("not here"));
    },
    listen: (target) => {
      targets.push(target);
      return Promise.resolve({ host: "", port: 0, close: () => Promise.resolve() });
    },
  };
  const transport = new IpcTransport(() => runtime, "win32");
  const context = { signal: new AbortController().signal } as TransportContext;

  /** The path that is bound, and what the listener says it is. */
  async function bound(rest: string): Promise<[string, string]> {
    const target: Bindable = transport.bind(`ipc://${rest}`, rest, options);
    const { address } = await target.listen(context, {} as never);
    return [(targets.at(-1) as { path: string }).path, address];
  }

  test("is a named pipe", async () => {
    assert.deepEqual(await bound("service"), ["\\\\.\\pipe\\service", "ipc://service"]);
    assert.deepEqual(await bound("/tmp/x.ipc"), ["\\\\.\\pipe\\/tmp/x.ipc", "ipc:///tmp/x.ipc"]);
    const whole = "\\\\?\\pipe\\service";
    assert.deepEqual(await bound(whole), ["\\\\.\\pipe\\service", `ipc://${whole}`]);
    const target: Dialable = transport.connect("ipc://service", "service", options);
    await assert.rejects(target.dial(context), { code: "EIO", message: /not here/ });
    assert.deepEqual(targets.at(-1), { kind: "unix", scheme: "ipc", path: "\\\\.\\pipe\\service" });
  });

  test("has a name, without a backslash, of a length that Windows takes", () => {
    for (const wrong of ["", "a\\b", "\\\\.\\pipe\\", "x".repeat(248), "a\0b"]) {
      assert.throws(
        () => transport.bind(`ipc://${wrong}`, wrong, options),
        spError("EINVAL", "expected a pipe's name"),
      );
    }
    transport.bind("ipc://x", "x".repeat(247), options);
  });
});
