import { atTurnEnd } from "../base/turn.ts";

/*
 * A turn of the event loop reads so much and no more, all sockets together: nobody who sends a lot, and no crowd, keeps
 * timers and other connections waiting. Who comes too late in a turn keeps its chunk, stops reading, and stands in line:
 * the next turns begin with those who have waited longest.
 */

/** What the messages of one turn may cost, in bytes: some 4,500 small ones. */
const SHARE = 1024 * 1024;

/** Who waits for a turn. */
export interface Turnable {
  /** Goes on, once. */
  goOn(): void;
}

let left = SHARE;
let isAsked = false;
const line: Set<Turnable> = new Set();

/** What may still be spent in this turn; not above 0 if it is used up. */
export function turnLeft(): number {
  return left;
}

/** Says what messages have cost. */
export function spendTurn(cost: number): void {
  left -= cost;
  if (left <= 0) askForTurn();
}

/** Waits for a turn. */
export function standInLine(reader: Turnable): void {
  line.add(reader);
  askForTurn();
}

/** Waits no more. */
export function leaveLine(reader: Turnable): void {
  line.delete(reader);
}

function askForTurn(): void {
  if (isAsked) return;
  isAsked = true;
  atTurnEnd(beginTurn);
}

function beginTurn(): void {
  isAsked = false;
  left = SHARE;
  for (const reader of line) {
    if (left <= 0) break;
    line.delete(reader);
    reader.goOn();
  }
  if (line.size > 0) askForTurn();
}
