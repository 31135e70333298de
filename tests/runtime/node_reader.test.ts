/** Reading from `node:net` into memory of ours, and where that cannot be done. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import net, { type AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { NetConnection } from "../../transports/runtime/shared/net/connection.ts";
import type { NetSocket } from "../../transports/runtime/shared/node_api.ts";
import { withReader } from "../../transports/runtime/node/reader.ts";
import { utf8 } from "../helpers/bytes.ts";
import { RUNTIMES } from "../helpers/runtimes.ts";
import { Recorder } from "./recorder.ts";
import { tcp } from "./stage.ts";

test("a socket whose handle is not to be had stays as it is", () => {
  for (const _handle of [undefined, null]) {
    const accepted = { _handle } as NetSocket;
    assert.deepEqual(withReader(net, accepted), { socket: accepted });
  }
});

test("such a socket, accepted paused, is read as a stream from the start on", async (t) => {
  const sink = new Recorder();
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    t.after(() => socket.destroy());
    const connection = new NetConnection(socket, tcp("127.0.0.1", 0));
    assert.equal(connection.lendsMemory, false);
    sink.start(connection);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
  t.after(() => client.destroy());
  client.end(utf8("bytes"));
  await sink.untilClosed();
  assert.deepEqual([...sink.bytes], [...utf8("bytes")]);
});

test("on Node, a sink that throws is asked for memory all the same, and what it threw is seen", () => {
  const { command, args } = RUNTIMES.find(({ name }) => name === "node")!;
  const worker = join(import.meta.dirname!, "workers", "throwing_sink.ts");
  const said = execFileSync(command, [...args, worker], { encoding: "utf8", timeout: 20_000 });
  assert.equal(said, "thrown\ntrue\n");
});
