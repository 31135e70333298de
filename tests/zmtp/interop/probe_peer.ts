/**
 * Sockets of libzmq that somebody probes, in a process of its own, run by Node: its argument is an array of {@linkcode Bound} in JSON. It
 * prints where each is bound.
 *
 * @module
 */
import process from "node:process";
import * as zeromq from "zeromq";

/** A socket of libzmq. */
export interface Bound {
  /** As zeromq.js calls it. */
  readonly type: "Dealer" | "Pair" | "Publisher" | "Pull" | "Reply" | "Router" | "XPublisher";
  /** Options of zeromq.js. */
  readonly options?: Readonly<Record<string, boolean | string>>;
  readonly address: string;
}

const sockets: zeromq.Socket[] = [];
for (const { type, options, address } of JSON.parse(process.argv[2]!) as Bound[]) {
  const socket = new zeromq[type]({ linger: 0, ...options } as object);
  await socket.bind(address);
  // A socket that is collected is closed.
  sockets.push(socket);
  console.log(`bound ${socket.lastEndpoint}`);
}
setInterval(() => sockets.length, 1000);
