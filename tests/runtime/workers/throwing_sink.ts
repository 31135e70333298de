/** A socket whose sink throws once: says what was thrown, and whether the next read went to where it was wanted then. */

import net, { type AddressInfo } from "node:net";
import process from "node:process";
import { NodeReader } from "../../../transports/runtime/node/reader.ts";

process.on("uncaughtException", ({ message }) => console.log(message));
const server = net.createServer((socket) => socket.pipe(socket));
server.listen(0, "127.0.0.1", () => {
  const reader = new NodeReader();
  const { port } = server.address() as AddressInfo;
  const socket = net.connect({ port, host: "127.0.0.1", onread: reader });
  let room = new Uint8Array(10);
  let chunks = 0;
  const take = (chunk: Uint8Array): void => {
    // The first lies elsewhere: nobody had been asked.
    if (++chunks === 3) {
      console.log(chunk.buffer === room.buffer);
      process.exit();
    }
    room = new Uint8Array(10);
    socket.write("more");
    if (chunks === 2) throw new Error("thrown");
  };
  reader.start(socket, take, () => room);
  socket.write("first");
});
