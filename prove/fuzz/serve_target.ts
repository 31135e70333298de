/**
 * What a process that is attacked does: it opens sockets of every pattern, each with a good peer, to whom it talks all the time.
 *
 * @module
 */
import process from "node:process";
import { heapMemory } from "../../bench/lib/worker.ts";
import {
  type BindOptions,
  type ConnectOptions,
  type Dialer,
  type Socket,
  type SocketEvent,
  type SocketOptions,
  SPError,
} from "../../mod.ts";
import { serveQuestions } from "../lib/answers.ts";
import { Judge } from "./judge.ts";
import { DIALERS, LARGEST, type OpenParameters, PAUSE, type Place, type Scheme } from "./place.ts";
import type { Exposed, Stand } from "./stands.ts";
import { type Gap, NO_GAP, TurnWatch } from "./watch.ts";

/** How long bad peers may take to be forgotten, and exchanges to go on, in milliseconds. */
const SETTLE = 10_000;

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const judge = new Judge();
const watch = new TurnWatch();
const events: Partial<Record<SocketEvent["type"], number>> = {};
let gap: Gap = NO_GAP;
/** Exchanges of each stand. */
const rounds: Map<string, number> = new Map();
let makeStands: (judge: Judge, options: SocketOptions, scheme: Scheme) => Stand[];
let stands: Stand[] = [];
let dialers: Dialer[] = [];
let connectOptions: ConnectOptions = {};

const uncaught = (error: unknown): void =>
  judge.fault("uncaught", error instanceof Error ? error.stack ?? error.message : String(error));

async function open({ scheme, folder, certificates }: OpenParameters): Promise<Place[]> {
  let files = 0;
  const address = (): string =>
    scheme === "ipc"
      ? `ipc://${folder}/target_${files++}`
      : `${scheme === "tls" ? "tls+tcp" : scheme}://127.0.0.1:0`;
  const bindOptions: BindOptions = scheme === "tls" ? { tls: certificates.server } : {};
  connectOptions = {
    reconnectMin: 0,
    reconnectMax: 20,
    ...(scheme === "tls" && { tls: { ca: certificates.ca, serverName: "localhost" } }),
  };
  stands = makeStands(judge, { maxMessageSize: LARGEST, handshakeTimeout: 1000 }, scheme);
  const places: Place[] = [];
  for (const { name, links, exposed, round, isShared = false, isTimed = true } of stands) {
    for (const [attacked, good] of links) {
      const priority = isShared ? {} : { sendPriority: 1 };
      const listener = await attacked.bind(address(), { ...bindOptions, ...priority });
      good.connect(listener.address, { ...connectOptions });
      await Promise.all([
        attacked.peers(1, { timeout: 20_000 }),
        good.peers(1, { timeout: 20_000 }),
      ]);
      follow(good, (event) => {
        if (event.type !== "detached") return;
        judge.fault("lost", `the good peer was let go of: ${event.reason}`, name);
      });
      const { id } = attacked.stats().peers[0]!;
      follow(attacked, (event) => {
        if (event.type !== "detached" || event.peer.id !== id) return;
        judge.fault("lost", `the socket let go of its good peer: ${event.reason}`, name);
      });
    }
    for (const one of exposed) {
      follow(one.socket, (event) => {
        events[event.type] = (events[event.type] ?? 0) + 1;
        if (event.type !== "rejected" || event.reason instanceof SPError) return;
        judge.fault("uncaught", `refused a peer for no reason of ours: ${event.reason}`, one.name);
      });
      const listener = await one.socket.bind(address(), bindOptions);
      places.push(placeOf(one, "bind", listener.address), placeOf(one, "connect", ""));
    }
    if (round !== undefined) talk(name, round, isTimed && !isShared);
  }
  return places;
}

function placeOf({ name, id, security }: Exposed, role: Place["role"], address: string): Place {
  return {
    name: `${name}, we ${role}`,
    role,
    address,
    victim: { name: id.name, number: id.number },
    peer: { name: id.peerName, number: id.peerNumber },
    ...(security && { security }),
  };
}

async function follow(socket: Socket, tell: (event: SocketEvent) => void): Promise<void> {
  for await (const event of socket.events()) tell(event);
}

/** Exchanges with a good peer, one after the other. */
async function talk(stand: string, round: () => Promise<void>, isTimed: boolean): Promise<void> {
  rounds.set(stand, 0);
  for (;;) {
    const before = performance.now();
    try {
      await round();
    } catch (error) {
      judge.fault("lost", String(error), stand);
    }
    const milliseconds = performance.now() - before;
    if (isTimed && milliseconds > gap.milliseconds) gap = { milliseconds, stand, at: Date.now() };
    rounds.set(stand, (rounds.get(stand) ?? 0) + 1);
    await sleep(PAUSE);
  }
}

function dial(places: readonly Place[]): void {
  const exposed = stands.flatMap((stand) => stand.exposed);
  for (const { name, role, address } of places) {
    if (role === "bind") continue;
    const { socket } = exposed.find((one) => name === `${one.name}, we connect`)!;
    for (let i = 0; i < DIALERS; i++) dialers.push(socket.connect(address, connectOptions));
  }
}

/** Bad peers that are still there. */
function strangers(): number {
  const good = stands.flatMap(({ links }) => links).length;
  const peers = new Set(stands.flatMap(({ exposed }) => exposed.map(({ socket }) => socket)));
  let count = -good;
  for (const socket of peers) {
    const stats = socket.stats();
    count += stats.peers.length + stats.endpoints.reduce((sum, one) => sum + one.inProgress, 0);
  }
  return count;
}

/** The attack is over: lets go of dialers, and waits until nobody is left but good peers. */
async function rest(): Promise<number> {
  await Promise.all(dialers.map((dialer) => dialer.close()));
  dialers = [];
  const end = performance.now() + SETTLE;
  while (strangers() > 0 && performance.now() < end) await sleep(20);
  const left = strangers();
  if (left > 0) judge.fault("left", `${left} bad peers are still there`);
  await goOn();
  // What finalizers free takes a second round.
  heapMemory();
  await sleep(100);
  return heapMemory();
}

/** Sees to it that every good peer is still talked to: one exchange may be under way, another is a new one. */
async function goOn(): Promise<void> {
  const before = new Map(rounds);
  const waiting = (): string[] =>
    [...rounds].flatMap(([stand, count]) => count < before.get(stand)! + 2 ? [stand] : []);
  const end = performance.now() + SETTLE;
  while (waiting().length > 0 && performance.now() < end) await sleep(20);
  for (const stand of waiting()) {
    judge.fault("lost", "the good peer's exchange stands still", stand);
  }
}

/** Answers the questions of a trial. @param make Makes the sockets, all with the same options. */
export function serveTarget(make: typeof makeStands): void {
  makeStands = make;
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", uncaught);
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
      rounds: [...rounds.values()].reduce((sum, count) => sum + count, 0),
      good: judge.good,
      mutated: judge.mutated,
      counts: judge.counts,
      faults: judge.faults,
      events,
    }),
    rest: async () => ({ heap: await rest() }),
  });
}
