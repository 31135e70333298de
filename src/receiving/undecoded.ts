import { atTurnEnd } from "../base/turn.ts";
import type { PipeQueueSource } from "./fair_queue.ts";
import type { Undecodable } from "../surface/codec.ts";

/** So many are dropped in a turn of the event loop: each may take as long as a hundred messages that can be decoded. */
const MOST_PER_TURN = 128;

/**
 * What becomes of a socket's messages that its codec cannot decode: they are dropped, and counted.
 *
 * Who asks for the next message would go through all that wait before anybody else has a turn, and so would a peer's chunk of
 * them. So there is a rest after some.
 */
export class Undecoded {
  /** Whether no message is to be decoded in this turn of the event loop any more. */
  isResting = false;
  #count = 0;
  readonly #goOn: () => void;

  /** @param goOn Called in the next turn, after a rest. */
  constructor(goOn: () => void) {
    this.#goOn = goOn;
  }

  /** Drops a message. */
  drop(source: Pick<PipeQueueSource, "drop">, { reason }: Undecodable): void {
    source.drop("malformed", 1, reason);
    if (++this.#count % MOST_PER_TURN > 0 || this.isResting) return;
    this.isResting = true;
    atTurnEnd(() => {
      this.isResting = false;
      this.#goOn();
    });
  }
}
