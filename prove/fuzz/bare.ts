/**
 * What the runtime does alone: servers and clients of `node:net`, `node:tls` and `node:http`, attacked in the same way.
 * They greet, read and forget; beside each goes an echo, as a good peer's exchange.
 *
 * @module
 */
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { heapMemory } from "../../bench/lib/worker.ts";
import * as ids from "../../patterns/protocols.ts";
import { header } from "../../tests/conformance/raw_peer.ts";
import { agreement, request } from "../../tests/helpers/raw_web_socket.ts";
import { serveQuestions } from "../lib/answers.ts";
import { DIALERS, type OpenParameters, PAUSE, type Place, whereIs } from "./place.ts";
import { type Gap, NO_GAP, TurnWatch } from "./watch.ts";

const watch = new TurnWatch();
const sockets: Set<Socket> = new Set();
const events: Record<string, number> = {};
let gap: Gap = NO_GAP;
let rounds = 0;
let isOn = false;
let given: OpenParameters;

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Reads and forgets. */
function swallow(socket: Socket, event: string): void {
  events[event] = (events[event] ?? 0) + 1;
  sockets.add(socket);
  socket.on("error", () => {});
  socket.on("data", () => {});
  socket.on("close", () => sockets.delete(socket));
}

function serverFor(number: number): Server {
  const { scheme, certificates } = given;
  const greet = (socket: Socket): void => {
    swallow(socket, "accepted");
    socket.write(header(number));
  };
  if (scheme === "tls") {
    const server = createTlsServer(certificates.server, greet);
    server.on("tlsClientError", () => {});
    return server;
  }
  if (scheme !== "ws") return createServer(greet);
  const server = createHttpServer((_request, response) => response.end());
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("upgrade", ({ headers }, socket) => {
    swallow(socket as Socket, "accepted");
    const asked = `Sec-WebSocket-Key: ${headers["sec-websocket-key"]}`;
    socket.write(agreement(asked, headers["sec-websocket-protocol"]));
  });
  return server;
}

async function bound(server: Server, name: string): Promise<string> {
  const { scheme, folder } = given;
  const path = `${folder}/${name}`;
  await new Promise<void>((resolve) => {
    if (scheme === "ipc") server.listen(path, resolve);
    else server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null
    ? `${scheme}://127.0.0.1:${address.port}`
    : `ipc://${path}`;
}

async function open(parameters: OpenParameters): Promise<Place[]> {
  given = parameters;
  const places: Place[] = [];
  for (const { name, number, peerName, peerNumber } of Object.values(ids)) {
    const of = { victim: { name, number }, peer: { name: peerName, number: peerNumber } };
    const address = await bound(serverFor(number), name);
    places.push({ name: `${name}, we bind`, role: "bind", address, ...of });
    places.push({ name: `${name}, we connect`, role: "connect", address: "", ...of });
    const echo = createServer((socket) => socket.on("data", (chunk) => socket.write(chunk)));
    talk(await bound(echo, `${name}_echo`), name);
  }
  return places;
}

/** As a good peer's exchange: something there and back. */
async function talk(address: string, stand: string): Promise<void> {
  const socket = connect(whereIs(address));
  socket.setNoDelay(true);
  for (;;) {
    const before = performance.now();
    socket.write("there and back");
    await new Promise((resolve) => socket.once("data", resolve));
    const milliseconds = performance.now() - before;
    if (milliseconds > gap.milliseconds) gap = { milliseconds, stand, at: Date.now() };
    rounds++;
    await sleep(PAUSE);
  }
}

function dial(places: readonly Place[]): void {
  isOn = true;
  for (const place of places) {
    if (place.role === "bind") continue;
    for (let i = 0; i < DIALERS; i++) keepConnecting(place);
  }
}

async function keepConnecting({ address, victim, peer }: Place): Promise<void> {
  const { scheme, certificates: { ca } } = given;
  const where = whereIs(address);
  while (isOn) {
    const socket = scheme === "tls"
      ? connectTls({ ...where, ca, servername: "localhost" })
      : connect(where);
    swallow(socket, "connected");
    socket.write(
      scheme === "ws"
        ? request({ protocol: `${peer.name}.sp.nanomsg.org` })
        : header(victim.number),
    );
    await new Promise((resolve) => socket.once("close", resolve));
    await sleep(Math.random() * 20);
  }
}

async function rest(): Promise<number> {
  isOn = false;
  for (const socket of sockets) socket.destroy();
  heapMemory();
  await sleep(100);
  return heapMemory();
}

serveQuestions({
  open: async (parameters: OpenParameters) => ({ places: await open(parameters) }),
  dial: ({ places }: { places: Place[] }) => dial(places),
  begin: () => {
    gap = NO_GAP;
    watch.reset();
  },
  report: () => ({
    turn: watch.longest,
    atWork: watch.atWork,
    gap,
    rounds,
    good: rounds,
    mutated: 0,
    counts: {},
    faults: [],
    events,
  }),
  rest: async () => ({ heap: await rest() }),
});
