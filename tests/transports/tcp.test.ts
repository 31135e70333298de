import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveEndpointOptions } from "../../src/surface/options.ts";
import type { TransportContext } from "../../src/contracts/transport.ts";
import type { StreamRuntime } from "../../transports/runtime.ts";
import { TcpTransport } from "../../transports/tcp.ts";
import { spError } from "../helpers/errors.ts";
import { MockConnection } from "../helpers/mock_connection.ts";

/** Dials with a runtime that connects from the given port. */
async function dial(from: number): Promise<MockConnection> {
  const connection = new MockConnection({
    localAddress: `tcp://127.0.0.1:${from}`,
    remoteAddress: "tcp://127.0.0.1:40000",
  });
  const runtime: StreamRuntime = {
    name: "test",
    connect: () => Promise.resolve(connection),
    listen: () => Promise.reject(new Error("not here")),
  };
  const rest = "127.0.0.1:40000";
  const { dial } = new TcpTransport(() => runtime)
    .connect(`tcp://${rest}`, rest, resolveEndpointOptions({}, {}));
  const context = { signal: new AbortController().signal } as TransportContext;
  try {
    assert.equal(await dial(context), connection);
  } catch (error) {
    assert.equal(connection.destroyed, true);
    throw error;
  }
  return connection;
}

test("a socket that the system has connected with itself is nobody listening", async () => {
  await assert.rejects(dial(40_000), spError("ECONNREFUSED", "nobody listens"));
  assert.equal((await dial(40_001)).destroyed, false);
});

test("EADDRNOTAVAIL blames the address only where one was chosen to connect from", async () => {
  const cause = Object.assign(new Error("address not available"), { code: "EADDRNOTAVAIL" });
  const runtime: StreamRuntime = {
    name: "test",
    connect: () => Promise.reject(cause),
    listen: () => Promise.reject(cause),
  };
  const transport = new TcpTransport(() => runtime);
  const context = { signal: new AbortController().signal } as TransportContext;
  const options = resolveEndpointOptions({}, {});
  const tried = (rest: string): Promise<unknown> =>
    transport.connect(`tcp://${rest}`, rest, options).dial(context);
  await assert.rejects(tried("127.0.0.1:9"), (error) => {
    spError("EADDRNOTAVAIL", 'Cannot connect to "tcp://127.0.0.1:9"', "no free port")(error);
    assert.equal((error as Error).cause, cause);
    return true;
  });
  await assert.rejects(
    tried("192.0.2.1;127.0.0.1:9"),
    spError("EADDRNOTAVAIL", "the address is not one of this machine's (EADDRNOTAVAIL)"),
  );
});
