/** A pipe's writer, with a wire that lays bytes out on a connection that keeps chunks apart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PipeWriter, type PipeWriterHost } from "../../src/pipes/pipe_writer.ts";
import { utf8 } from "../helpers/bytes.ts";
import { BYTES_ENCODER } from "../helpers/bytes_wire.ts";
import { MockConnection } from "../helpers/mock_connection.ts";
import { calm } from "../helpers/turns.ts";

const HOST: PipeWriterHost = {
  ready: () => {},
  flushed: () => {},
  drop: () => {},
  fail: (error) => assert.fail(String(error)),
};

for (const [unwritten, lost] of [[1, 3], [0, 0], [undefined, 3]] as const) {
  test(`of three messages in a chunk ${lost} are lost where ${unwritten} chunks have not left`, async () => {
    const connection = new MockConnection({ framing: "message" });
    const chunks: Uint8Array[] = [];
    connection.write = (written) => chunks.push(...written) === 0;
    Object.defineProperty(connection, "unwritten", { value: unwritten });
    const writer = new PipeWriter(connection, BYTES_ENCODER, HOST, 1000);
    for (const text of ["a", "b", "c"]) writer.send(utf8(text));
    writer.flush();
    assert.equal(chunks.length, 1);
    assert.equal(writer.queuedMessages, 3);
    writer.stop();
    assert.equal(writer.clear(), lost);
    await calm();
  });
}
