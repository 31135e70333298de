import { answers, messageFor, Questions, sendsOnly } from "./messages.ts";
import type { Mutations } from "./mutations.ts";
import type { Place } from "./place.ts";

/** What is said on one WebSocket, message by message. */
export interface Speech {
  /** The subprotocol. */
  readonly protocol: string;
  /** Whether the socket only sends, so that each message ends the connection. */
  readonly sendsOnly: boolean;
  /** Whether what the socket says makes a difference. */
  readonly listens: boolean;
  /** Whether it waits for what the socket says. */
  readonly waits: boolean;
  /** Whether the message that `next` gave last has to be understood for those behind it to be heard. */
  readonly isBeginning: boolean;
  /** The payloads of what comes next: one, or several that belong together. */
  next(): readonly Uint8Array[];
  /** Takes a message that came. */
  hear(payload: Uint8Array): void;
}

/** SP: each message is one of the pattern's. */
export class SPSpeech implements Speech {
  readonly protocol: string;
  readonly sendsOnly: boolean;
  readonly listens: boolean;
  readonly isBeginning = false;
  readonly #place: Place;
  readonly #mutations: Mutations;
  readonly #questions: Questions = new Questions();

  /** @param place Who is talked to. @param mutations Of this connection. */
  constructor(place: Place, mutations: Mutations) {
    const { name } = place.role === "bind" ? place.victim : place.peer;
    this.protocol = `${name}.sp.nanomsg.org`;
    this.sendsOnly = sendsOnly(place);
    this.listens = answers(place);
    this.#place = place;
    this.#mutations = mutations;
  }

  get waits(): boolean {
    return this.listens && this.#questions.asked.length === 0;
  }

  next(): Uint8Array[] {
    return [messageFor(this.#place, this.#mutations, this.#questions.asked)];
  }

  hear(payload: Uint8Array): void {
    this.#questions.hear(payload);
  }
}
