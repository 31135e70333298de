/** What a socket's events told so far, and a way to wait for the one that a test expects. */

import assert from "node:assert/strict";
import { clearTimeout, setTimeout } from "node:timers";
import type { Socket, SocketEvent } from "../../mod.ts";

/** How long an event may take before a test fails, in milliseconds. */
const PATIENCE = 20_000;

/** Events of one type. */
export type EventOf<Type extends SocketEvent["type"]> = Extract<SocketEvent, { type: Type }>;

/** Reads a socket's events until the socket is closed. */
export class EventLog {
  /** All that was told, the oldest first. */
  readonly all: SocketEvent[] = [];
  /** Resolves when the events have ended. */
  readonly ended: Promise<void>;
  readonly #checks: Set<() => void> = new Set();
  #over = false;

  /** @param socket Whose events. */
  constructor(socket: Socket) {
    this.ended = this.#read(socket.events());
  }

  /** The events of one type. */
  of<Type extends SocketEvent["type"]>(type: Type): EventOf<Type>[] {
    return this.all.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** Resolves with the first event, past or to come, of that type which is as wanted. */
  next<Type extends SocketEvent["type"]>(
    type: Type,
    wanted: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    return new Promise((resolve, reject) => {
      const check = (): void => settle(this.of(type).find(wanted), this.#over);
      const settle = (found: EventOf<Type> | undefined, inVain: boolean): void => {
        if (found === undefined && !inVain) return;
        this.#checks.delete(check);
        clearTimeout(timer);
        if (found !== undefined) resolve(found);
        else reject(new assert.AssertionError({ message: `There was no ${type}: ${this}` }));
      };
      const timer = setTimeout(() => settle(undefined, true), PATIENCE);
      this.#checks.add(check);
      check();
    });
  }

  /** The events in short, for the message of a failure. */
  toString(): string {
    const lines = this.all.map((event) =>
      "reason" in event ? `${event.type} (${event.reason})` : event.type
    );
    return lines.length === 0 ? "no events" : lines.join(", ");
  }

  async #read(events: ReadableStream<SocketEvent>): Promise<void> {
    for await (const event of events) {
      this.all.push(event);
      for (const check of this.#checks) check();
    }
    this.#over = true;
    for (const check of this.#checks) check();
  }
}
