import type { SPError } from "../base/errors.ts";
import type { DropReason } from "../surface/events.ts";
import type { PeerInfo } from "../surface/peer.ts";
import type { Pipe } from "./pipe.ts";

/** What a pipe needs to know of its endpoint and its socket. */
export interface PipeOptions {
  readonly peer: PeerInfo;
  /** Bytes that may wait before it is full. */
  readonly sendBuffer: number;
  /** Messages that may wait before it is full; any number, if left out. */
  readonly sendHighWaterMark?: number;
  readonly sendPriority: number;
  readonly receivePriority: number;
}

/** Who a pipe reports to: its socket. */
export interface PipeHost {
  /** It takes no more messages, and writes what it has. */
  closing(pipe: Pipe): void;
  /** Its peer takes no more messages: what it had not been sent can be taken back. */
  reclaim(pipe: Pipe): void;
  /** The outbound queue was full and has room again, or is empty. */
  ready(pipe: Pipe): void;
  /** The connection is over. Called once. */
  closed(pipe: Pipe, reason: SPError | undefined): void;
  /** A control frame has come. */
  control(pipe: Pipe, frame: object): void;
  /** Messages were lost; `error` is why they were malformed. */
  dropped(pipe: Pipe, reason: DropReason, count: number, error?: unknown): void;
}
