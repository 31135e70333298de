/** Something with messages to write. */
export interface Flushable {
  /** Writes what is waiting. */
  flush(): void;
}

/*
 * Flush in two steps. The first message of an event-loop turn goes out in a microtask, so that a single
 * message is not held up; what follows in the same turn waits for the turn's end, so that a burst
 * is one write. (A write for each microtask would be a write for each message: a WritableStream
 * hands over each chunk in a microtask of its own.)
 */
const IDLE = 0;
const FIRST = 1;
const GATHERING = 2;

let state: typeof IDLE | typeof FIRST | typeof GATHERING = IDLE;
let dirty: Flushable[] = [];
let spare: Flushable[] = [];

/** Has something flushed soon. It flushes itself at once, instead, when it has a slab full. */
export function scheduleFlush(target: Flushable): void {
  dirty.push(target);
  if (state === IDLE) {
    state = FIRST;
    queueMicrotask(flushFirst);
  }
}

function flushFirst(): void {
  flushAll();
  state = GATHERING;
  atTurnEnd();
}

function flushGathered(): void {
  if (dirty.length === 0) {
    state = IDLE;
    return;
  }
  flushAll();
  atTurnEnd();
}

function flushAll(): void {
  const batch = dirty;
  dirty = spare;
  for (let i = 0; i < batch.length; i++) batch[i]!.flush();
  batch.length = 0;
  spare = batch;
}

const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };

let channel: MessageChannel | undefined;

/** Calls `flushGathered` when the event loop has done what is ready now. Browsers have no `setImmediate`. */
function atTurnEnd(): void {
  if (setImmediate !== undefined) {
    setImmediate(flushGathered);
    return;
  }
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = flushGathered;
  }
  channel.port2.postMessage(undefined);
}
