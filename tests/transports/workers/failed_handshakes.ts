/**
 * Has TLS handshakes fail, and prints as JSON by how many bytes the heap has grown for each. To be run where the garbage collector can be
 * called.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import process from "node:process";
import { connect as connectTls } from "node:tls";
import { Pull } from "../../../mod.ts";
import type { Certificates } from "../../helpers/certificates.ts";

/** What this is told on its command line, as JSON. */
export interface Task {
  readonly certificates: Certificates;
  readonly scheme: "tls+tcp" | "wss";
  readonly failure:
    | "garbage"
    | "hang-up"
    | "half a greeting"
    | "silence"
    | "distrust"
    | "no certificate"
    | "old version";
  /** Whether the server has several certificates. */
  readonly several: boolean;
}

const AT_ONCE = 20;
const ROUNDS = 10;

const { scheme, failure, several, certificates: { ca, server, named, strangerCa } }: Task = JSON
  .parse(
    process.argv[2]!,
  );

function dial(port: number): Socket {
  switch (failure) {
    case "garbage": {
      const socket = connect(port, "127.0.0.1", () => socket.write("\0SP\0\0\x50\0\0, not TLS"));
      return socket;
    }
    case "hang-up": {
      const socket = connect(port, "127.0.0.1", () => socket.end());
      return socket;
    }
    case "half a greeting": {
      const words = "\x16\x03\x01\0\x10\x01\0\x7f and no more";
      const socket = connect(port, "127.0.0.1", () => socket.write(words));
      return socket;
    }
    case "silence":
      return connect(port, "127.0.0.1");
    case "distrust":
      return connectTls({ port, host: "127.0.0.1", ca: strangerCa });
    case "no certificate":
      return connectTls({ port, host: "127.0.0.1", ca });
    case "old version":
      return connectTls({ port, host: "127.0.0.1", ca, maxVersion: "TLSv1.2" });
  }
}

function fail(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = dial(port);
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.resume();
  });
}

async function heap(): Promise<number> {
  const { Bun, gc } = globalThis as { Bun?: { gc(force: boolean): void }; gc?: () => void };
  for (let i = 0; i < 3; i++) {
    if (Bun !== undefined) Bun.gc(true);
    else gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

const requireClientCertificate = failure === "no certificate";
const handshakeTimeout = ["silence", "half a greeting"].includes(failure) ? 50 : 10_000;
const minVersion = failure === "old version" ? "TLSv1.3" : "TLSv1.2";
const certificates = several ? [named] : [];
const tls = { ...server, ca, certificates, requireClientCertificate, minVersion } as const;
const pull = new Pull({ tls, handshakeTimeout });
const { address } = await pull.bind(`${scheme}://127.0.0.1:0`);
const port = Number(/:(\d+)\/?$/.exec(address)![1]);
const run = async (): Promise<void> => {
  for (let i = 0; i < ROUNDS; i++) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => fail(port)));
  }
};
await run();
const before = await heap();
await run();
const grown = await heap() - before;
const refused = pull.stats().endpoints[0]!.rejected;
console.log(JSON.stringify({ refused, grown: Math.round(grown / (AT_ONCE * ROUNDS)) }));
await pull.close();
