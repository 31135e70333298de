/**
 * A bare TCP connection of this runtime, by `node:net`: what it does itself about a peer that has gone without a word. As it is, and with
 * the keep-alive that it can be given.
 *
 * @module
 */
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { serveQuestions } from "../lib/answers.ts";

/** When each was noticed to be gone, by the clock: the idle one, one with keep-alive after 15 s, one that writes. */
const goneAt: (number | undefined)[] = [undefined, undefined, undefined];

function watch(socket: Socket, i: number): void {
  socket.on("error", () => {});
  socket.on("close", () => goneAt[i] ??= Date.now());
}

serveQuestions({
  listen: ({ ip }) =>
    new Promise((resolve) => {
      const server = createServer((socket) => socket.on("error", () => {}).resume());
      server.listen(0, ip, () => {
        resolve({ address: `${ip}:${(server.address() as AddressInfo).port}` });
      });
    }),
  dial: async ({ address }) => {
    const [host, port] = address.split(":");
    for (let i = 0; i < goneAt.length; i++) {
      const socket = connect(Number(port), host);
      watch(socket, i);
      await new Promise((resolve) => socket.once("connect", resolve));
      if (i === 1) socket.setKeepAlive(true, 15_000);
      if (i === 2) setInterval(() => socket.write(new Uint8Array(64)), 10);
    }
  },
  tell: () => ({ goneAt: goneAt.map((time) => time ?? 0) }),
});
