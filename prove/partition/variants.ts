/** A way to notice that a peer has gone without a word: one PUSH here, one PULL there. */
export interface Variant {
  readonly name: string;
  readonly scheme: "tcp" | "ws";
  /** Of the PULL. */
  readonly bind?: object;
  /** Of the PUSH. */
  readonly connect?: object;
  /** Bytes of each message that the PUSH sends, 100 a second; 0 for a PUSH that is idle. */
  readonly size: number;
  /** Milliseconds within which the PUSH and the PULL are to notice; nothing is wanted if left out. */
  readonly push?: number;
  readonly pull?: number;
}

/** Below this the defaults are to notice. */
const DEFAULT = 60_000;

/** What is tried, all at once. */
export const variants: readonly Variant[] = [
  { name: "idle, tcp, as it is", scheme: "tcp", size: 0, push: DEFAULT, pull: DEFAULT },
  {
    name: "idle, tcp, keepAlive { idle: 2 s, interval: 1 s, count: 3 }",
    scheme: "tcp",
    bind: { keepAlive: { idle: 2_000, interval: 1_000, count: 3 } },
    connect: { keepAlive: { idle: 2_000, interval: 1_000, count: 3 } },
    size: 0,
    push: 10_000,
    pull: 10_000,
  },
  {
    name: "tcp, idleTimeout 2 s at the PULL",
    scheme: "tcp",
    bind: { idleTimeout: 2_000 },
    size: 64,
    pull: 5_000,
  },
  { name: "idle, ws, as it is", scheme: "ws", size: 0, push: DEFAULT, pull: DEFAULT },
  {
    name: "idle, ws, webSocket.ping 1 s",
    scheme: "ws",
    bind: { webSocket: { ping: 1_000 } },
    connect: { webSocket: { ping: 1_000 } },
    size: 0,
    push: 5_000,
    pull: 5_000,
  },
  { name: "PUSH writes 6 kB/s, tcp, as it is", scheme: "tcp", size: 64, push: DEFAULT },
  { name: "PUSH writes 6 MB/s, tcp, as it is", scheme: "tcp", size: 65_536, push: DEFAULT },
  {
    name: "PUSH writes 6 MB/s, tcp, sendStall 3 s",
    scheme: "tcp",
    connect: { sendStall: 3_000 },
    size: 65_536,
    push: 10_000,
  },
  {
    name: "PUSH writes 6 MB/s, tcp, slowPeerTimeout 3 s",
    scheme: "tcp",
    connect: { slowPeerTimeout: 3_000 },
    size: 65_536,
    push: 10_000,
  },
];
