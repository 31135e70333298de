import type { SocketEvent } from "./events.ts";

/** The events of connections that did not come about. */
export type Refusal = Extract<SocketEvent, { type: "rejected" | "accept-failed" }>;

/** How many are told of one by one before the rest is gathered. */
const ONE_BY_ONE = 8;

/** Refusals are gathered for this long, in milliseconds. */
const GATHER = 50;

interface Gathered {
  /** How many were told of one by one. */
  told: number;
  /** How many were not told of yet. */
  count: number;
  last: Refusal;
}

/**
 * Gathers refusals, so that a flood of connections is no flood of events. Those of one endpoint and one code are told of at
 * once while they are few, then together, until no more have come for a while.
 */
export class Refusals {
  readonly #emit: (event: Refusal) => void;
  readonly #kinds: Map<string, Gathered> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param emit Who is told. */
  constructor(emit: (event: Refusal) => void) {
    this.#emit = emit;
  }

  /** One more. */
  add(event: Refusal): void {
    const kind = `${event.type} ${event.reason.code} ${event.endpoint}`;
    let gathered = this.#kinds.get(kind);
    if (gathered === undefined) {
      this.#kinds.set(kind, gathered = { told: 0, count: 0, last: event });
    }
    this.#timer ??= setTimeout(() => this.#tell(), GATHER);
    if (gathered.told < ONE_BY_ONE) {
      gathered.told++;
      return this.#emit(event);
    }
    gathered.count += event.count;
    gathered.last = event;
  }

  /** Tells of what is gathered, and gathers no more. */
  close(): void {
    clearTimeout(this.#timer);
    for (const { count, last } of this.#kinds.values()) {
      if (count > 0) this.#emit({ ...last, count });
    }
    this.#kinds.clear();
  }

  #tell(): void {
    this.#timer = undefined;
    for (const [kind, gathered] of this.#kinds) {
      const { count, last } = gathered;
      gathered.count = 0;
      if (count > 0) this.#emit({ ...last, count });
      else this.#kinds.delete(kind);
    }
    if (this.#kinds.size > 0) this.#timer = setTimeout(() => this.#tell(), GATHER);
  }
}
