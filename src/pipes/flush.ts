import { atTurnEnd } from "../base/turn.ts";

/** Something with messages to write. */
export interface Flushable {
  /** Writes what is waiting. Must not throw: others are flushed behind it. */
  flush(): void;
}

/*
 * Flush in two steps. The first message of an event-loop turn goes out in a microtask, so that a single message is not
 * held up; what follows in the same turn waits for the turn's end, so that a burst is one write. (A write for each
 * microtask would be a write for each message: a WritableStream hands over each chunk in a microtask of its own.)
 *
 * The end of a turn is only asked for when a second message comes: asking costs a round through the event loop, as much
 * as a short answer itself. Whoever brings bytes from the operating system says `beginTurn`, so that an answer is known
 * to be the first of its turn; a message that nothing from outside has caused may wait for its turn's end.
 */
const IDLE = 0;
/** The first message's flush is on its way. */
const FIRST = 1;
/** It has been; whether the turn is over is not known. */
const FLUSHED = 2;
/** The flush at the turn's end is on its way. */
const GATHERING = 3;

let state: typeof IDLE | typeof FIRST | typeof FLUSHED | typeof GATHERING = IDLE;
/** Their arrays stay as long as they have been: to empty one is to grow it again, in every turn. */
let dirty: (Flushable | undefined)[] = [];
let spare: (Flushable | undefined)[] = [];
let count = 0;

/** Has something flushed soon. It flushes itself at once, instead, when it has a slab full. */
export function scheduleFlush(target: Flushable): void {
  dirty[count++] = target;
  if (state === IDLE) {
    state = FIRST;
    queueMicrotask(flushFirst);
  } else if (state === FLUSHED) {
    state = GATHERING;
    atTurnEnd(flushGathered);
  }
}

/** Says that the operating system has called: a turn of the event loop has begun. */
export function beginTurn(): void {
  if (state === FLUSHED) state = IDLE;
}

function flushFirst(): void {
  state = FLUSHED;
  flushAll();
}

function flushGathered(): void {
  state = IDLE;
  flushAll();
}

function flushAll(): void {
  const batch = dirty;
  const length = count;
  dirty = spare;
  count = 0;
  for (let i = 0; i < length; i++) {
    const target = batch[i]!;
    batch[i] = undefined;
    target.flush();
  }
  spare = batch;
}
