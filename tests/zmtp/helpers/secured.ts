/** Two ends of an encrypted connection, each over a mock. */

import type { ConnectionSink } from "../../../src/contracts/connection.ts";
import type { SPError } from "../../../src/base/errors.ts";
import { type Boxes, loadBoxes } from "../../../zmtp/curve/boxes.ts";
import { MESSAGE_PREFIX, ReceiveCounter, SendCounter } from "../../../zmtp/curve/nonces.ts";
import { SecureConnection } from "../../../zmtp/curve/secure_connection.ts";
import { concat, cut } from "../../helpers/bytes.ts";
import { MockConnection, type MockOptions } from "../../helpers/mock_connection.ts";
import { type Frame, unframe } from "./frames.ts";
import { SHARED } from "./vectors.ts";

/** What both ends compute with. */
export const boxes: Boxes = await loadBoxes();

const series = {
  C: boxes.series(SHARED, MESSAGE_PREFIX.client),
  S: boxes.series(SHARED, MESSAGE_PREFIX.server),
} as const;

/** Records what a connection delivers. */
export class FrameSink implements ConnectionSink {
  /** What happened, in order: chunks by their sizes. */
  readonly calls: string[] = [];
  readonly chunks: Uint8Array<ArrayBuffer>[] = [];
  /** Why it is over. */
  reason: SPError | undefined;
  /** Called with each chunk. */
  onData: () => void = () => {};

  data(chunk: Uint8Array<ArrayBuffer>): void {
    this.calls.push(`data ${chunk.length}`);
    this.chunks.push(chunk);
    this.onData();
  }

  drain(): void {
    this.calls.push("drain");
  }

  ended(): void {
    this.calls.push("ended");
  }

  closed(reason?: SPError): void {
    this.calls.push(reason === undefined ? "closed" : `closed ${reason.code}`);
    this.reason = reason;
  }

  /** All that came, taken apart. */
  get frames(): Frame[] {
    return unframe(concat(this.chunks));
  }
}

/** One end. */
export interface End {
  readonly mock: MockConnection;
  readonly connection: SecureConnection;
  readonly sink: FrameSink;
}

/** How an end is made. */
export interface EndOptions {
  readonly mock?: MockConnection;
  readonly mockOptions?: MockOptions;
  readonly limit?: number;
  readonly first?: readonly Uint8Array<ArrayBuffer>[];
  /** Whether it stays as it is after the handshake: not started, and paused. */
  readonly isRaw?: boolean;
  /** What the handshake has counted: of our commands, and of the peer's. */
  readonly sent?: number;
  readonly received?: number;
}

/** Makes the end of the client ("C") or of the server ("S"). */
export function openEnd(side: "C" | "S", options: EndOptions = {}): End {
  const mock = options.mock ?? new MockConnection({ framing: "tcp", ...options.mockOptions });
  mock.pause();
  const counter = new SendCounter();
  const scratch = new Uint8Array(8);
  for (let i = 0; i < (options.sent ?? (side === "C" ? 2 : 1)); i++) counter.next(scratch, 0);
  const received = new ReceiveCounter();
  received.take(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, options.received ?? 1), 0);
  const connection = new SecureConnection(mock, options.first ?? [], {
    send: { boxes: series[side], counter },
    receive: { boxes: series[side === "C" ? "S" : "C"], counter: received },
  }, options.limit ?? Infinity);
  const sink = new FrameSink();
  if (options.isRaw !== true) {
    connection.start(sink);
    connection.resume();
  }
  return { mock, connection, sink };
}

/** What one end makes of plain frames. */
export function sealed(side: "C" | "S", ...frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const { mock, connection } = openEnd(side);
  connection.write(frames);
  return mock.written;
}

/** Pieces of that size. */
export function pieces(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer>[] {
  const count = Math.max(0, Math.ceil(bytes.length / size) - 1);
  return cut(bytes, Array.from({ length: count }, (_, i) => (i + 1) * size));
}
