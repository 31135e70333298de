/** A pipe to nobody: a real one, on a mock connection, with a host that records what it is told. */

import type { SPError } from "../../src/base/errors.ts";
import type { DropReason } from "../../src/surface/events.ts";
import { nextPipeId, type PeerInfo } from "../../src/surface/peer.ts";
import { Pipe } from "../../src/pipes/pipe.ts";
import type { PipeHost, PipeOptions } from "../../src/pipes/pipe_host.ts";
import type { PipeInput } from "../../src/contracts/protocol.ts";
import { SP } from "../../src/sp/wire.ts";
import { PAIR } from "../../patterns/protocols.ts";
import type { Transformer } from "../../src/contracts/transformer.ts";
import { MockConnection, type MockOptions } from "./mock_connection.ts";

/** Records what a pipe tells its socket. */
export class MockHost implements PipeHost {
  /** What it was told, in order: `"ready"`, `"closing"`, `"closed"`, `"overflow 3"`. */
  readonly calls: string[] = [];
  /** Why the pipe closed. */
  reason: SPError | undefined;
  /** Called along with what is recorded: what a socket would do. */
  onReady: (pipe: Pipe) => void = () => {};
  /** As `onReady`. */
  onClosing: (pipe: Pipe) => void = () => {};
  /** As `onReady`. */
  onReclaim: (pipe: Pipe) => void = () => {};
  /** As `onReady`. */
  onClosed: (pipe: Pipe) => void = () => {};

  ready(pipe: Pipe): void {
    this.calls.push("ready");
    this.onReady(pipe);
  }

  closing(pipe: Pipe): void {
    this.calls.push("closing");
    this.onClosing(pipe);
  }

  reclaim(pipe: Pipe): void {
    this.onReclaim(pipe);
  }

  control(_pipe: Pipe, frame: object): void {
    this.calls.push(`control ${JSON.stringify(frame)}`);
  }

  closed(pipe: Pipe, reason: SPError | undefined): void {
    this.calls.push("closed");
    this.reason = reason;
    this.onClosed(pipe);
  }

  dropped(_pipe: Pipe, reason: DropReason, count: number): void {
    this.calls.push(`${reason} ${count}`);
  }
}

/** A pipe with what is at its two ends. */
export interface MockPipe {
  readonly pipe: Pipe;
  readonly connection: MockConnection;
  readonly host: MockHost;
}

/** What a mock pipe is like. */
export interface MockPipeOptions extends MockOptions, Partial<Omit<PipeOptions, "peer">> {
  /** What its messages pass on their way in. */
  readonly inbound?: Transformer<Uint8Array<ArrayBuffer>, never>;
  /** Where its messages go; without one it is a pipe that only sends. */
  readonly pipeQueue?: PipeInput;
  /** The largest message to take; default 1 MiB. */
  readonly maxMessageSize?: number;
  /** Bytes that came with the handshake. */
  readonly first?: Uint8Array<ArrayBuffer>;
}

/** Makes a pipe and starts it. */
export function mockPipe(options: MockPipeOptions = {}): MockPipe {
  const connection = new MockConnection(options);
  const host = new MockHost();
  const session = SP.open({
    connection,
    protocol: PAIR,
    maxMessageSize: connection.inProcess ? Infinity : options.maxMessageSize ?? 1024 * 1024,
  });
  const pipe = new Pipe(connection, session, host, {
    peer: mockPeer(connection.remoteAddress),
    sendBuffer: 1024,
    sendPriority: 8,
    receivePriority: 8,
    ...options,
  });
  pipe.start(
    options.inbound,
    options.pipeQueue,
    options.first === undefined ? [] : [options.first],
  );
  return { pipe, connection, host };
}

/** Who is at the other end of a mock connection. */
export function mockPeer(remoteAddress = "mock://there"): PeerInfo {
  return {
    id: nextPipeId(),
    protocol: "mock",
    endpoint: "mock://here",
    role: "bind",
    remoteAddress,
    localAddress: "mock://here",
  };
}
