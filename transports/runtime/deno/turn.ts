import { Ring } from "../../../src/base/ring.ts";

/*
 * Deno completes the reads of all connections in one go, and only then runs the code that waits for messages. With a
 * hundred connections, the messages of a hundred chunks would be in memory at once. So once 64 KiB were delivered in a
 * turn, each further large chunk gets a turn of its own, as every chunk does on Node and Bun. With 100 SUBs, a message
 * costs less than half the processor time, and the process needs less than half the memory (`npm run bench -- fan-out`).
 */

/** What is smaller is delivered at once, and not counted. */
const SMALL = 4 * 1024;
/** Bytes that are delivered in one turn, with the chunk that makes it so many. */
const ENOUGH = 64 * 1024;

const { setImmediate } = globalThis as unknown as { setImmediate(callback: () => void): void };

/** How long chunks may follow upon one another, in milliseconds, before all wait for a timer. */
const LONGEST_RUN = 25;
/** After so long without one, in milliseconds, they do not. */
const PAUSE = 5;

let delivered = 0;
/** When chunks began to follow upon one another, and when the last one came. */
let began = 0;
let last = 0;
/** Whose turn is to come, the first one first. */
const waiting: Ring<() => void> = new Ring();

/** Undefined if a chunk of so many bytes may be delivered now; otherwise resolves when it may. */
export function turnFor(bytes: number): Promise<void> | undefined {
  if (bytes < SMALL) return undefined;
  const now = performance.now();
  if (now - last > PAUSE) began = now;
  last = now;
  if (waiting.size === 0 && delivered < ENOUGH && now - began < LONGEST_RUN) {
    // Behind all those who have read in this turn, and before those who take messages have taken many.
    if (delivered === 0) queueMicrotask(endTurn);
    delivered += bytes;
    return undefined;
  }
  if (waiting.size === 0) callNext();
  return new Promise((resolve) => waiting.push(resolve));
}

function endTurn(): void {
  delivered = 0;
}

/*
 * While something is always ready, Deno looks only now and then for what else has become so (every 61 rounds of tokio's
 * scheduler, some hundreds of milliseconds): a peer that says little is not heard beside one that says much. A timer has it look.
 */
function callNext(): void {
  if (last - began < LONGEST_RUN) return void setImmediate(next);
  began = last;
  setTimeout(next);
}

function next(): void {
  waiting.shift()!();
  if (waiting.size > 0) callNext();
}
