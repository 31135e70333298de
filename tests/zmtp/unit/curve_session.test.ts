/** CURVE from the first command to the last message: both mechanisms, and the connections that they make, over mocks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CurveClient, CurveClientKeys } from "../../../zmtp/curve/curve_client.ts";
import { CurveServer } from "../../../zmtp/curve/curve_server.ts";
import { OwnKeys } from "../../../zmtp/curve/keys.ts";
import type { Mechanism } from "../../../zmtp/mechanisms/mechanism.ts";
import { concat, pattern } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { MockConnection } from "../../helpers/mock_connection.ts";
import { COMMAND, frame, MORE, unframe } from "../helpers/frames.ts";
import { FrameSink, pieces } from "../helpers/secured.ts";
import { PUBLIC, SECRET } from "../helpers/vectors.ts";

const CONTEXT = { metadata: new Uint8Array(0) };
const FRAMES = [0, 255, 256, 70_000].flatMap((size) => [
  frame(MORE, pattern(size)),
  frame(COMMAND, pattern(size, 1)),
  frame(0, pattern(size, 2)),
]);

/** Both mechanisms, agreed. */
async function agree(): Promise<[CurveClient, CurveServer]> {
  const keys = new CurveClientKeys({ serverKey: PUBLIC.server });
  const client = new CurveClient(keys, CONTEXT);
  const server = new CurveServer(new OwnKeys({ secretKey: SECRET.server }), CONTEXT);
  let said = await client.begin();
  for (let turn: Mechanism = server;; turn = turn === server ? client : server) {
    const { say, isDone } = await turn.receive(new Uint8Array(said));
    if (say === undefined) {
      assert.ok(isDone);
      return [client, server];
    }
    said = say;
  }
}

/** One end over a mock, which has already received this. */
function open(mechanism: Mechanism, first: readonly Uint8Array<ArrayBuffer>[] = []) {
  const mock = new MockConnection({ framing: "tcp", lendsMemory: true });
  mock.pause();
  const connection = mechanism.secure!(mock, first, 70_000);
  const sink = new FrameSink();
  connection.start(sink);
  connection.resume();
  return { mock, connection, sink };
}

for (const size of [1, 34, 1000, 1 << 20]) {
  test(`both ends understand each other, in chunks of ${size}`, async () => {
    const [client, server] = (await agree()).map((mechanism) => open(mechanism));
    for (const [from, to] of [[client!, server!], [server!, client!]] as const) {
      from.connection.write(FRAMES);
      for (const piece of pieces(from.mock.written, size)) to.mock.deliver(piece);
      assert.deepEqual(to.sink.frames, unframe(concat(FRAMES)));
    }
  });
}

test("messages that came behind the handshake are opened", async () => {
  const [client, server] = await agree();
  const { connection, mock } = open(client);
  connection.write(FRAMES);
  const { sink } = open(server, pieces(mock.written, 999));
  assert.deepEqual(sink.frames, unframe(concat(FRAMES)));
});

test("two connections with the same keys do not understand each other's messages", async () => {
  const [[client], [, server]] = await Promise.all([agree(), agree()]);
  const [one, other] = [open(client), open(server)];
  one.connection.write([frame(0, pattern(5))]);
  other.mock.deliver(one.mock.written);
  spError("EPROTO", "does not open")(other.sink.reason);
});

test("a message that is sent again ends the connection", async () => {
  const [client, server] = (await agree()).map((mechanism) => open(mechanism));
  client!.connection.write([frame(0, pattern(5))]);
  server!.mock.deliver(client!.mock.written, client!.mock.written);
  assert.equal(server!.sink.frames.length, 1);
  spError("EPROTO", "number 3", "more than 3")(server!.sink.reason);
});

test("a frame above the limit ends the connection", async () => {
  const [client, server] = (await agree()).map((mechanism) => open(mechanism));
  client!.connection.write([frame(0, pattern(70_001))]);
  server!.mock.deliver(client!.mock.written.slice(0, 9));
  spError("EMSGSIZE", "70001", "70000")(server!.sink.reason);
});
