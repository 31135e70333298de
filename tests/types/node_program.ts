// What a program with the types of Node does besides `program.ts`. It is checked, not run: `declarations.test.ts`.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { connect } from "node:net";
import { Duplex, Readable, Writable } from "node:stream";
import { Worker } from "node:worker_threads";
import { attachInproc, Pair, WebSocketMount } from "@nanostreams/nanostreams";

/** A child process, and a connection that somebody else made, are peers. */
export function nodeStreamsAreAttached(): void {
  const child = spawn("program");
  const socket = new Pair();
  socket.attach({ readable: Readable.toWeb(child.stdout), writable: Writable.toWeb(child.stdin) });
  socket.attach(Duplex.toWeb(connect(5555)));
}

/** A server of Node's has a place for a socket. */
export function nodeServersAreMounted(): void {
  createServer().on("upgrade", new WebSocketMount().upgrade);
}

/** A worker of Node's shares the names of `inproc://`. */
export function nodeWorkersAreAttached(): void {
  attachInproc(new Worker("worker.ts"));
}
