import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { connect } from "node:tls";
import { readGreeting } from "../../transports/runtime/shared/tls/greeting.ts";

/** What a client of this runtime says first. */
async function greeting(servername?: string): Promise<Uint8Array<ArrayBuffer>> {
  const come = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const server = createServer((socket) => {
    let all = new Uint8Array(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      all = Uint8Array.from([...all, ...chunk]);
      if (all.length < 5 + (all[3]! << 8 | all[4]!)) return;
      come.resolve(all);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const host = "127.0.0.1";
  const client = connect({ host, port, ...(servername !== undefined && { servername }) });
  client.on("error", () => {});
  try {
    return await come.promise;
  } finally {
    client.destroy();
    server.close();
  }
}

const asks = await greeting("a.example.org");
const asksNothing = await greeting();

test("the name that a client asks for is read, once its greeting is whole", () => {
  for (let length = 0; length < asks.length; length++) {
    assert.deepEqual(readGreeting(asks.slice(0, length)), { isWhole: false }, `${length} bytes`);
  }
  assert.deepEqual(readGreeting(asks), { isWhole: true, name: "a.example.org" });
  const more = Uint8Array.from([...asks, 1, 2, 3]);
  assert.deepEqual(readGreeting(more), { isWhole: true, name: "a.example.org" });
});

test("a greeting without a name has none", () => {
  assert.deepEqual(readGreeting(asksNothing), { isWhole: true, name: undefined });
});

test("what is no greeting is whole as soon as that is seen", () => {
  for (
    const text of ["G", "\0SP\0", "\x17\x03\x03", "\x16\x03\x01\x40\x01", "\x16GET / HTTP/1.1"]
  ) {
    const bytes = new TextEncoder().encode(text);
    assert.equal(readGreeting(bytes).isWhole, true, text);
  }
});

test("a greeting that contradicts itself throws nothing, whichever byte is wrong", () => {
  for (let at = 0; at < asks.length; at++) {
    for (const value of [0, 1, 127, 255]) {
      const bytes = asks.slice();
      bytes[at] = value;
      const { isWhole, name } = readGreeting(bytes);
      assert.ok(!isWhole || name === undefined || name.length < asks.length);
    }
  }
});

test("a greeting whose record ends early has no name", () => {
  for (let length = 1; length < asks.length - 5; length++) {
    const bytes = asks.slice(0, 5 + length);
    bytes[3] = length >> 8;
    bytes[4] = length & 255;
    const { isWhole, name } = readGreeting(bytes);
    assert.ok(isWhole && (name === undefined || name === "a.example.org"), `${length} bytes`);
  }
});
