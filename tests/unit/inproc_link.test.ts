/** The port between two threads, on which anybody may post anything: rubbish ends that link, and nothing else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { attachInproc, Pull } from "../../mod.ts";
import { InprocRegistry } from "../../transports/inproc/registry.ts";
import { HubBoard, Uplink } from "../../transports/inproc/link.ts";
import type { Port } from "../../transports/inproc/port.ts";
import type { ParentLike, WorkerLike } from "../../transports/runtime/shared/threads.ts";

const RUBBISH: readonly unknown[] = [
  null,
  undefined,
  0,
  NaN,
  "bind",
  true,
  1n,
  [],
  {},
  new Uint8Array(3),
  new Map([["type", "bye"]]),
  { type: null },
  { type: "toString" },
  { type: "__proto__" },
  { type: ["bye"] },
  { type: "no such word" },
  { type: "bind" },
  { type: "bind", name: 1, id: 1 },
  { type: "bind", name: "x", id: "1" },
  { type: "bind", name: null, id: 1 },
  { type: "bind", name: "x", id: NaN },
  { type: "bind", name: "x", id: Infinity },
  { type: "dial", name: {}, id: 1 },
  { type: "dial", name: "x" },
  { type: "cancel", id: 1 },
  { type: "unbind" },
  { type: "adopt", id: null },
  { type: "release", id: {} },
  { type: "alive", lock: 7 },
  { type: "bound", id: 1 },
  { type: "bound", id: 1, granted: "yes" },
  { type: "accept", name: "x", peer: 1 },
  { type: "accept", name: "x", peer: 1, port: null },
  { type: "accept", name: "x", peer: 1, port: { postMessage: 1 } },
  { type: "opened", id: 1, peer: 1 },
  { type: "opened", id: 1, peer: 1, port: "port" },
  { type: "adopted", id: 1 },
  { type: "gone", thread: "1" },
];

function show(value: unknown): string {
  return typeof value === "bigint"
    ? "1n"
    : value === undefined
    ? "undefined"
    : Number.isNaN(value)
    ? "NaN"
    : `${value?.constructor?.name ?? ""} ${JSON.stringify(value)}`;
}

/** A link of a hub, and what comes out of its other end. */
function link(
  board: HubBoard,
): { port: Port; over: Promise<void>; said: unknown[]; bye: Promise<void> } {
  const { promise: over, resolve: onOver } = Promise.withResolvers<void>();
  const { promise: bye, resolve: onBye } = Promise.withResolvers<void>();
  const said: unknown[] = [];
  let port!: Port;
  board.link((given) => port = given, onOver);
  port.addEventListener("message", ({ data }) => {
    said.push(data);
    if (data.type === "bye") onBye();
  });
  port.start();
  return { port, over, said, bye };
}

for (const rubbish of RUBBISH) {
  test(`a thread that posts ${show(rubbish)} is parted with, and the others go on`, async () => {
    const board = new HubBoard(new InprocRegistry());
    const [bad, good] = [link(board), link(board)];
    bad.port.postMessage({ type: "bind", name: "mine", id: 7 });
    bad.port.postMessage(rubbish);
    bad.port.postMessage({ type: "bind", name: "later", id: 8 });
    await bad.over;
    await bad.bye;
    assert.deepEqual(bad.said, [{ type: "bound", id: 7, granted: true }, { type: "bye" }]);
    // What it had bound is free.
    const answers: unknown[] = [];
    good.port.postMessage({ type: "bind", name: "mine", id: 1 });
    good.port.postMessage({ type: "bind", name: "later", id: 2 });
    good.port.postMessage({ type: "bye" });
    good.port.addEventListener("message", ({ data }) => answers.push(data));
    await good.over;
    while (good.said.length < 3) await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(good.said, [
      { type: "gone", thread: 1 },
      { type: "bound", id: 1, granted: true },
      { type: "bound", id: 2, granted: true },
    ]);
    bad.port.close();
    good.port.close();
  });

  test(`a hub that posts ${show(rubbish)} is parted with`, async () => {
    const registry = new InprocRegistry();
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const uplink = new Uplink(registry, resolve);
    registry.use(uplink);
    const { port1, port2 } = new MessageChannel();
    const { promise: bye, resolve: onBye } = Promise.withResolvers<void>();
    port1.addEventListener("message", ({ data }) => data.type === "bye" && onBye());
    port1.start();
    uplink.open(port2);
    port1.postMessage(rubbish);
    await over;
    await bye;
    assert.equal(registry.board, undefined);
    port1.close();
  });
}

test("a worker that posts null on its port loses its attachment only", async () => {
  let port: Port | undefined;
  const worker: WorkerLike = {
    postMessage: (_message, transfer) => port = (transfer as Port[])[0],
    terminate: () => {},
  };
  const { closed } = attachInproc(worker);
  // A listener, which keeps Deno waiting.
  port!.addEventListener("message", () => {});
  port!.start();
  port!.postMessage(null);
  await closed;
  await using pull = new Pull();
  await pull.bind(`inproc://${crypto.randomUUID()}`);
  port!.close();
});

test("a thread that says well-formed things that make no sense harms nobody", async () => {
  const board = new HubBoard(new InprocRegistry());
  const { port, said } = link(board);
  const told = async (count: number): Promise<void> => {
    while (said.length < count) await new Promise((resolve) => setTimeout(resolve));
  };
  port.postMessage({ type: "cancel", name: "nobody's", id: 1 });
  port.postMessage({ type: "unbind", name: "nobody's" });
  port.postMessage({ type: "release", id: 5 });
  port.postMessage({ type: "dial", name: "x", id: 1 });
  port.postMessage({ type: "dial", name: "x", id: 1 });
  port.postMessage({ type: "bind", name: "x", id: 1 });
  port.postMessage({ type: "bind", name: "x", id: 1 });
  await told(2);
  assert.deepEqual(said, [
    { type: "bound", id: 1, granted: true },
    { type: "bound", id: 1, granted: false },
  ]);
  port.postMessage({ type: "bye" });
  port.close();
});

test("a worker whose parent posts what only looks like a port waits for the port", async () => {
  const parent = new EventTarget();
  const { close, closed } = attachInproc(parent as unknown as ParentLike);
  for (const port of [null, undefined, 1, "port", {}]) {
    parent.dispatchEvent(new MessageEvent("message", { data: { "nanostreams.inproc.1": port } }));
  }
  for (const data of [null, undefined, 1, "text"]) {
    parent.dispatchEvent(new MessageEvent("message", { data }));
  }
  close();
  await closed;
});
