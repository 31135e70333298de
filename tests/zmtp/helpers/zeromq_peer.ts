/**
 * libzmq as a PAIR socket, in a process of its own, run by Node: its one argument is a {@linkcode PeerTask} in JSON. It prints a line
 * for each message and event.
 *
 * @module
 */
import process from "node:process";
import { type EventType, Pair, Reply } from "zeromq";
import type { PeerTask } from "./zeromq.ts";

const task: PeerTask = JSON.parse(process.argv[2]!);

/** Who decides: the handler of RFC 27. */
async function serveZap(status: string): Promise<void> {
  const handler = new Reply({ linger: 0 });
  await handler.bind("inproc://zeromq.zap.01");
  for await (const frames of handler) {
    const [version, id, domain, , , mechanism, ...credentials] = frames;
    const shown = credentials.map((one) =>
      one.toString(`${mechanism}` === "CURVE" ? "hex" : "utf8")
    );
    console.log(`asked ${JSON.stringify([`${domain}`, `${mechanism}`, ...shown])}`);
    await handler.send([version!, id!, status, "", "", ""]);
  }
}

if (task.zap !== undefined) void serveZap(task.zap);
const socket = new Pair({ linger: 0, ...task.options } as object);
for (const name of task.events ?? []) {
  socket.events.on(name as EventType, () => console.log(`event ${name}`));
}
if (task.connect === undefined) {
  await socket.bind("tcp://127.0.0.1:*");
  console.log(`bound ${socket.lastEndpoint}`);
} else socket.connect(task.connect);
if (task.send !== undefined) void socket.send([...task.send]);
for await (const frames of socket) {
  // Large ones by their size and last byte.
  const shown = frames.map((one) => one.length > 64 ? `${one.length} ${one.at(-1)}` : `${one}`);
  console.log(`received ${JSON.stringify(shown)}`);
}
