/** How an adapter connects, and how it fails to. */

import assert from "node:assert/strict";
import { describe, test } from "../../helpers/flat.ts";
import { systemError } from "../../../transports/system_errors.ts";
import type { StreamRuntime, StreamTarget } from "../../../transports/runtime.ts";
import { afterTraffic } from "../peer.ts";
import { Recorder } from "../recorder.ts";
import { silentPort } from "../silent_port.ts";
import { connect, freshPath, HAS_IPV6, IS_LINUX, listen, options, tcp, unix } from "../stage.ts";

/** A port that was free just now. */
async function freePort(runtime: StreamRuntime): Promise<number> {
  const nobody = { connection: () => {}, failed: () => {} };
  const listener = await runtime.listen(tcp("127.0.0.1", 0), options(), nobody);
  await listener.close();
  return listener.port;
}

async function failure(runtime: StreamRuntime, target: StreamTarget): Promise<string> {
  try {
    (await runtime.connect(target, options())).destroy();
    return "connected";
  } catch (error) {
    return systemError("Cannot connect", error).code;
  }
}

export function checkConnecting(runtime: StreamRuntime): void {
  describe("connecting", () => {
    test("to a port that nobody listens on is refused", async () => {
      const port = await freePort(runtime);
      assert.equal(await failure(runtime, tcp("127.0.0.1", port)), "ECONNREFUSED");
      assert.equal(await failure(runtime, tcp("localhost", port)), "ECONNREFUSED");
    });

    test("to a host that nobody knows says so", async () => {
      assert.equal(await failure(runtime, tcp("no-such-host.invalid", 5555)), "ENOTFOUND");
    });

    test("to a path where nothing is says so", async (t) => {
      assert.equal(await failure(runtime, unix(freshPath(t))), "ENOENT");
    });

    test("with a signal that is aborted already rejects with its reason, and connects nothing", async (t) => {
      const path = freshPath(t);
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0));
      const { accepted: acceptedByPath } = await listen(t, runtime, unix(path));
      const targets = [tcp("127.0.0.1", listener.port), unix(path)];
      const reason = new Error("enough");
      for (const target of targets) {
        const connecting = runtime.connect(target, options({ signal: AbortSignal.abort(reason) }));
        await assert.rejects(connecting, (error) => error === reason);
        await connect(t, runtime, target);
      }
      for (const { connections } of [accepted, acceptedByPath]) {
        await afterTraffic();
        assert.equal(connections.length, 1);
      }
    });

    test("is given up at once by its signal when nobody answers", {
      skip: IS_LINUX ? false : "needs Linux",
    }, async (t) => {
      const target = tcp("127.0.0.1", await silentPort(t));
      const controller = new AbortController();
      const reason = new Error("enough");
      const connecting = runtime.connect(target, options({ signal: controller.signal }));
      const rejected = assert.rejects(connecting, (error) => error === reason);
      await afterTraffic();
      controller.abort(reason);
      await rejected;
    });

    test("rejects with the reason of a signal that is aborted meanwhile, and leaves nothing connected", async (t) => {
      const path = freshPath(t);
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0));
      const { accepted: acceptedByPath } = await listen(t, runtime, unix(path));
      const reason = new Error("enough");
      for (const target of [tcp("127.0.0.1", listener.port), unix(path)]) {
        const controller = new AbortController();
        const connecting = runtime.connect(target, options({ signal: controller.signal }));
        controller.abort(reason);
        await assert.rejects(connecting, (error) => error === reason);
      }
      // Whatever was accepted for it came before this, and ends.
      const last = await connect(t, runtime, tcp("127.0.0.1", listener.port));
      const lastByPath = await connect(t, runtime, unix(path));
      for (
        const [{ connections }, { localAddress }] of [[accepted, last], [
          acceptedByPath,
          lastByPath,
        ]] as const
      ) {
        assert.ok(localAddress);
        for (const connection of connections.slice(0, -1)) {
          const sink = new Recorder();
          sink.start(connection);
          await sink.untilClosed();
        }
      }
    });

    test("is not undone by a signal that is aborted later", async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0));
      const controller = new AbortController();
      const connection = await runtime.connect(
        tcp("127.0.0.1", listener.port),
        options({ signal: controller.signal }),
      );
      t.after(() => connection.destroy());
      controller.abort();
      const [here, there] = [new Recorder(), new Recorder()];
      there.start(await accepted.at(0));
      here.start(connection);
      here.write(connection, Uint8Array.of(1));
      await there.until(({ length }) => length === 1);
    });

    test("both ends know both addresses (IPv4)", async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0));
      const client = await connect(t, runtime, tcp("127.0.0.1", listener.port));
      const server = await accepted.at(0);
      assert.equal(client.framing, "tcp");
      assert.equal(server.framing, "tcp");
      assert.equal(client.remoteAddress, `tcp://127.0.0.1:${listener.port}`);
      assert.equal(server.localAddress, client.remoteAddress);
      assert.match(client.localAddress, /^tcp:\/\/127\.0\.0\.1:\d+$/);
      assert.equal(server.remoteAddress, client.localAddress);
    });

    test(
      "both ends know both addresses (IPv6)",
      { skip: HAS_IPV6 ? false : "needs IPv6" },
      async (t) => {
        const { listener, accepted } = await listen(t, runtime, tcp("::1", 0));
        const client = await connect(t, runtime, tcp("::1", listener.port));
        const server = await accepted.at(0);
        assert.equal(listener.host, "::1");
        assert.equal(client.remoteAddress, `tcp://[::1]:${listener.port}`);
        assert.equal(server.localAddress, client.remoteAddress);
        assert.match(client.localAddress, /^tcp:\/\/\[::1\]:\d+$/);
        assert.equal(server.remoteAddress, client.localAddress);
      },
    );

    test("both ends know the path", async (t) => {
      const path = freshPath(t);
      const { listener, accepted } = await listen(t, runtime, unix(path));
      const client = await connect(t, runtime, unix(path));
      assert.equal(listener.port, 0);
      assert.equal(listener.host, "");
      for (const connection of [client, await accepted.at(0)]) {
        assert.equal(connection.framing, "ipc");
        assert.equal(connection.remoteAddress, `ipc://${path}`);
        assert.equal(connection.localAddress, `ipc://${path}`);
      }
    });

    test("to an abstract name", { skip: IS_LINUX ? false : "needs Linux" }, async (t) => {
      const path = `\0${crypto.randomUUID()}`;
      const { accepted } = await listen(t, runtime, unix(path));
      const client = await connect(t, runtime, unix(path));
      assert.equal(client.remoteAddress, `ipc://${path.slice(1)}`);
      await accepted.at(0);
    });

    // Other systems give the loopback interface one address only.
    test("from a local address", { skip: IS_LINUX ? false : "needs Linux" }, async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0));
      const client = await connect(t, runtime, tcp("127.0.0.1", listener.port, "127.0.0.2"));
      assert.match(client.localAddress, /^tcp:\/\/127\.0\.0\.2:/);
      assert.equal((await accepted.at(0)).remoteAddress, client.localAddress);
    });

    test("100 at once", async (t) => {
      const { listener, accepted } = await listen(t, runtime, tcp("127.0.0.1", 0));
      const target = tcp("127.0.0.1", listener.port);
      const clients = await Promise.all(
        Array.from({ length: 100 }, () => connect(t, runtime, target)),
      );
      await accepted.at(99);
      assert.deepEqual(
        clients.map(({ localAddress }) => localAddress).sort(),
        accepted.connections.map(({ remoteAddress }) => remoteAddress).sort(),
      );
    });
  });
}
