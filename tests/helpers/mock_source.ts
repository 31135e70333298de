/** A pipe, as far as a queue in knows one. */

import type { DropReason } from "../../src/surface/events.ts";
import type { PipeQueueSource } from "../../src/receiving/fair_queue.ts";
import { NOBODY, type PeerInfo } from "../../src/surface/peer.ts";
import { ReceiveQueue } from "../../src/receiving/receive_queue.ts";
import type { ReceiveQueueOptions } from "../../src/receiving/receive_options.ts";

/** Records what a queue asks of a pipe. */
export class MockSource implements PipeQueueSource {
  readonly peer: PeerInfo = NOBODY;
  readonly receivePriority: number;
  /** Whether its queue out is full. */
  full = false;
  /** How often it was told to read again. */
  resumes = 0;
  /** Why it was told to close. */
  readonly errors: unknown[] = [];
  /** What it was told to count as lost: `"closed 1"`. */
  readonly drops: string[] = [];
  /** What it does when it may read again. */
  onResume: () => void = () => {};

  constructor(receivePriority = 8) {
    this.receivePriority = receivePriority;
  }

  resume(): void {
    this.resumes++;
    this.onResume();
  }

  error(reason: unknown): void {
    this.errors.push(reason);
  }

  drop(reason: DropReason, count = 1, error?: unknown): void {
    this.drops.push(`${reason} ${count}${error instanceof Error ? ` (${error.message})` : ""}`);
  }
}

/** A receive queue of texts, each of which costs its length and the usual overhead. */
export function textReceiveQueue(
  options: Partial<ReceiveQueueOptions<string, string>> = {},
): ReceiveQueue<string, string> {
  return new ReceiveQueue({
    receiveBuffer: 1_000_000,
    receiveTimeout: Infinity,
    size: (text) => text.length,
    take: (text) => text,
    ...options,
  });
}
