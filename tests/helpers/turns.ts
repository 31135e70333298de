/** The event loop's turns, for tests of what happens within one. */

import { setImmediate } from "node:timers";
import { beginTurn } from "../../src/pipes/flush.ts";

/** Resolves when the event loop has done what is ready now. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}

/** Resolves when nothing is gathered for a flush any more: what is sent next is the first of its turn. */
export async function calm(): Promise<void> {
  for (let i = 0; i < 3; i++) await turn();
  beginTurn();
}

/** Whether a promise is still pending when the event loop has come to rest. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await calm();
  return !isSettled;
}
