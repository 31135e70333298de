/** Has nngcat, when it is bound, say nothing before there is somebody to hear it. */

import { createServer, type Socket } from "node:net";

/** What the counterparts of those who lose what nobody hears say in their SP header. */
const COUNTERPARTS: Readonly<Record<string, number>> = { pub: 0x21, surveyor: 0x63, bus: 0x70 };

/** A server that takes connections, and shakes hands only when it is told to. */
export interface Gate {
  /** To be dialled after another address is bound: nngcat begins to speak when all its addresses are in use. */
  readonly address: string;
  close(): void;
}

/**
 * Opens a gate.
 *
 * @param name Who is to wait.
 * @param until What for; called when it has come to the gate.
 */
export async function openGate(name: string, until: () => Promise<unknown>): Promise<Gate> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.resume();
    const header = Uint8Array.of(0, 0x53, 0x50, 0, 0, COUNTERPARTS[name]!, 0, 0);
    until().then(() => socket.write(header), () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    address: `tcp://127.0.0.1:${port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
