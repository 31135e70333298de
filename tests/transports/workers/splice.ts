/**
 * A worker that connects whoever comes to `inproc://NAME/front` with `inproc://NAME/back`, byte for byte, for each name that
 * it is told: `{ open: NAME }`, which it answers with the name, and `{ close: NAME }`.
 */

import { parentPort } from "node:worker_threads";
import { attachInproc, type Connection } from "../../../mod.ts";
import { PAIR } from "../../../patterns/protocols.ts";
import { resolveEndpointOptions } from "../../../src/surface/options.ts";
import type { TransportContext } from "../../../src/contracts/transport.ts";
import { InprocTransport } from "../../../transports/inproc/inproc.ts";

attachInproc();

const transport = new InprocTransport();
const options = resolveEndpointOptions({}, {});
const places: Map<string, AbortController> = new Map();

parentPort!.on("message", async (message: { open?: string; close?: string }) => {
  if (message.close !== undefined) places.get(message.close)?.abort();
  if (message.open === undefined) return;
  await open(message.open);
  parentPort!.postMessage(message.open);
});

async function open(name: string): Promise<void> {
  const controller = new AbortController();
  places.set(name, controller);
  const { signal } = controller;
  const back = transport.connect("", `${name}/back`);
  const context: TransportContext = { address: name, protocol: PAIR, options, signal };
  const front = await transport.bind("", `${name}/front`).listen(context, {
    connection: async (connection) => {
      try {
        splice(connection, await back.dial(context));
      } catch {
        connection.destroy();
      }
    },
    arrived: () => undefined,
    left: () => {},
    rejected: () => {},
    failed: () => {},
  });
  signal.addEventListener("abort", () => front.close());
}

function splice(a: Connection, b: Connection): void {
  pour(a, b);
  pour(b, a);
}

function pour(from: Connection, to: Connection): void {
  from.start({
    data: (chunk) => {
      if (!to.write([chunk])) from.pause();
    },
    drain: () => to.resume(),
    ended: () => to.end(),
    closed: (reason) => reason === undefined ? to.end() : to.destroy(),
  });
}
