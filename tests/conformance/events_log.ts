/** What a socket's events told so far, and a way to wait for the one that a test expects. */

import assert from "node:assert/strict";
import type { Socket, SocketEvent } from "../../mod.ts";

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
      const check = (): void => {
        const found = this.of(type).find(wanted);
        if (found === undefined && !this.#over) return;
        this.#checks.delete(check);
        if (found !== undefined) resolve(found);
        else reject(new assert.AssertionError({ message: `There was no ${type}: ${this}` }));
      };
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
