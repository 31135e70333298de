/** How an adapter listens, and how it stops. */

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { describe, test } from "../../helpers/flat.ts";
import { systemError } from "../../../transports/system_errors.ts";
import type { StreamRuntime, StreamTarget } from "../../../transports/runtime.ts";
import { isBun } from "../../../transports/runtime/bun/bun.ts";
import { nodeRuntime } from "../../../transports/runtime/node/node.ts";
import { Recorder } from "../recorder.ts";
import { connect, freshPath, HAS_IPV6, listen, options, tcp, unix } from "../stage.ts";

async function failure(runtime: StreamRuntime, target: StreamTarget): Promise<string> {
  const nobody = { connection: () => {}, failed: () => {} };
  try {
    await (await runtime.listen(target, options(), nobody)).close();
    return "bound";
  } catch (error) {
    return systemError("Cannot bind", error).code;
  }
}

export function checkListening(runtime: StreamRuntime): void {
  describe("listening", () => {
    test("on a port that is taken fails", async (t) => {
      const { listener } = await listen(t, runtime, tcp("127.0.0.1", 0));
      assert.equal(await failure(runtime, tcp("127.0.0.1", listener.port)), "EADDRINUSE");
    });

    test("on every interface fails where the port is taken", async (t) => {
      const { listener } = await listen(t, runtime, tcp(undefined, 0));
      assert.equal(await failure(runtime, tcp(undefined, listener.port)), "EADDRINUSE");
    });

    test("on every interface fails where the port is taken on one of IPv6 only", {
      skip: HAS_IPV6 ? false : "needs IPv6",
    }, async (t) => {
      const { listener } = await listen(t, runtime, tcp("::1", 0));
      assert.equal(await failure(runtime, tcp(undefined, listener.port)), "EADDRINUSE");
    });

    test("on an address that is not this machine's fails", async () => {
      assert.equal(await failure(runtime, tcp("192.0.2.1", 0)), "EADDRNOTAVAIL");
    });

    test("on a name that nobody knows fails", async () => {
      const code = await failure(runtime, tcp("no-such-host.invalid", 0));
      // Bun's node:net gives this error no code.
      if (runtime === nodeRuntime && isBun) assert.notEqual(code, "bound");
      else assert.equal(code, "ENOTFOUND");
    });

    test("on a path in a folder that is not there fails", async (t) => {
      assert.notEqual(await failure(runtime, unix(`${freshPath(t)}/below`)), "bound");
    });

    test("on a path that is taken fails, and does no harm to who has it", async (t) => {
      const path = freshPath(t);
      const { accepted } = await listen(t, runtime, unix(path));
      assert.equal(await failure(runtime, unix(path)), "EADDRINUSE");
      await connect(t, runtime, unix(path));
      await accepted.at(0);
    });

    test("on a path where a file is fails, and leaves the file", async (t) => {
      const path = freshPath(t);
      writeFileSync(path, "");
      assert.equal(await failure(runtime, unix(path)), "EADDRINUSE");
      assert.ok(existsSync(path));
    });

    test("tells the port and the address that it got, also where a name was asked for", async (t) => {
      const { listener } = await listen(t, runtime, tcp("localhost", 0));
      assert.ok(listener.port > 0);
      assert.match(listener.host, /^(127\.0\.0\.1|::1)$/);
    });

    test("on every interface takes IPv4, whose addresses look like IPv4", async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp(undefined, 0));
      assert.match(listener.host, /^(::|0\.0\.0\.0)$/);
      const client = await connect(t, runtime, tcp("127.0.0.1", listener.port));
      const server = await accepted.at(0);
      assert.equal(server.localAddress, `tcp://127.0.0.1:${listener.port}`);
      assert.equal(server.remoteAddress, client.localAddress);
    });

    test("on every interface takes IPv6", { skip: HAS_IPV6 ? false : "needs IPv6" }, async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp(undefined, 0));
      await connect(t, runtime, tcp("::1", listener.port));
      assert.equal((await accepted.at(0)).localAddress, `tcp://[::1]:${listener.port}`);
    });

    test("with a backlog of its own", async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0), { backlog: 16 });
      await connect(t, runtime, tcp("127.0.0.1", listener.port));
      await accepted.at(0);
    });

    test("stops at once, and its connections go on", async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0));
      const client = await connect(t, runtime, tcp("127.0.0.1", listener.port));
      const server = await accepted.at(0);
      await listener.close();
      await assert.rejects(runtime.connect(tcp("127.0.0.1", listener.port), options()));
      const [here, there] = [new Recorder(), new Recorder()];
      there.start(server);
      here.start(client);
      here.write(client, Uint8Array.of(1));
      await there.until(({ length }) => length === 1);
      await listener.close();
    });

    test("frees its port for another at once, with a connection still there", async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0));
      await connect(t, runtime, tcp("127.0.0.1", listener.port));
      await accepted.at(0);
      await listener.close();
      const { accepted: acceptedNow } = await listen(t, runtime, tcp("127.0.0.1", listener.port));
      await connect(t, runtime, tcp("127.0.0.1", listener.port));
      await acceptedNow.at(0);
      assert.equal(accepted.connections.length, 1);
    });

    test("takes its socket out of the file system when it stops", async (t) => {
      const path = freshPath(t);
      const { listener } = await listen(t, runtime, unix(path));
      assert.ok(existsSync(path));
      await listener.close();
      assert.ok(!existsSync(path));
      assert.equal(await failure(runtime, unix(path)), "bound");
    });
  });
}
