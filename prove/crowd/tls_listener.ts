/**
 * Who is asked for handshakes over TLS: a PULL of ours, or what a runtime has.
 *
 * @module
 */
import { createServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { Pull } from "../../mod.ts";
import { currentMemory, heapMemory, peakMemory } from "../../bench/lib/worker.ts";
import { serveQuestions } from "../lib/answers.ts";

/** What is used of `Deno`, so that this file is type-checked without Deno's types. */
interface DenoTls {
  listenTls(options: { hostname: string; port: number; cert: string; key: string }): {
    readonly addr: { readonly port: number };
    accept(): Promise<{ handshake(): Promise<unknown>; close(): void }>;
  };
}

interface Identity {
  readonly cert: string;
  readonly key: string;
}

async function ofOurs(identity: Identity): Promise<number> {
  const { address } = await new Pull().bind("tls+tcp://127.0.0.1:0", { tls: identity });
  return Number(address.split(":").at(-1));
}

function ofNode(identity: Identity): Promise<number> {
  const server = createServer(identity, (socket) => socket.on("error", () => {}));
  server.on("tlsClientError", () => {});
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function ofDeno(identity: Identity): number {
  const { Deno: deno } = globalThis as unknown as { Deno: DenoTls };
  const listener = deno.listenTls({ hostname: "127.0.0.1", port: 0, ...identity });
  (async () => {
    for (;;) {
      const connection = await listener.accept();
      connection.handshake().catch(() => {}).finally(() => connection.close());
    }
  })();
  return listener.addr.port;
}

const listeners = { "ours": ofOurs, "node:tls": ofNode, "Deno.listenTls": ofDeno } as const;

serveQuestions({
  /** Listens. */
  async open({ listener, cert, key }: Identity & { listener: keyof typeof listeners }) {
    return { port: await listeners[listener]({ cert, key }) };
  },
  /** What it costs now. */
  memory() {
    const heap = heapMemory();
    return { heap, rss: currentMemory(), peak: peakMemory() };
  },
});
