import { RESOLVED } from "./wait.ts";

/** So much is sent in one turn of the event loop before senders wait for the next: some 3,500 small messages, or 2 MiB. */
const MOST_PER_TURN = 2 * 1024 * 1024;

const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };

let channel: MessageChannel | undefined;
let callbacks: (() => void)[] = [];

/** Calls back when the event loop has done what is ready now. Browsers have no `setImmediate`. */
export function atTurnEnd(callback: () => void): void {
  if (setImmediate !== undefined) {
    setImmediate(callback);
    return;
  }
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const due = callbacks;
      callbacks = [];
      for (const call of due) call();
    };
  }
  if (callbacks.push(callback) === 1) channel.port2.postMessage(undefined);
}

let spent = 0;
let turn: Promise<void> | undefined;

/**
 * What a sending call returns for a message that has found its place. A loop that awaits nothing but this would never let
 * the event loop turn; so once much was sent, all senders share one promise of the next turn.
 *
 * @param size The message's, as `chunkSize` has it.
 */
export function afterSending(size: number): Promise<void> {
  spent += size;
  if (spent < MOST_PER_TURN) return RESOLVED;
  return turn ??= new Promise((resolve) =>
    atTurnEnd(() => {
      spent = 0;
      turn = undefined;
      resolve();
    })
  );
}

/** The promise of the next turn, while senders should wait for it. */
export function nextTurn(): Promise<void> | undefined {
  return turn;
}
