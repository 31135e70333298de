import { atTurnEnd } from "../base/turn.ts";

/*
 * A turn of the event loop reads for so long and no longer, all sockets together: nobody who sends a lot, and no crowd, keeps
 * timers and other connections waiting. Who comes too late in a turn keeps its chunk, stops reading, and stands in line. While there
 * is a line, whoever comes stands behind it.
 *
 * Those in line have their helping one by one, and what takes messages has its turn in between: a message that is taken at once is
 * still in the processor's cache, which makes twice the difference with a hundred sockets (`npm run bench -- fan-out`).
 */

/** How long a turn may read, in milliseconds. Who comes later stands in line. */
const LONGEST_TURN = 20;

/** Who waits for a turn. */
export interface Turnable {
  /** Goes on, for one helping. */
  goOn(): void;
}

const line: Set<Turnable> = new Set();
/** How many calls of `serve` are on their way. */
let calls = 0;
/** When this turn began to read; undefined if it has not. */
let began: number | undefined;

/** Whether another chunk may be read in this turn. */
export function mayRead(): boolean {
  return line.size === 0 && hasTime();
}

/** Waits for a helping: when all that can be read now is read, or in a later turn. */
export function standInLine(reader: Turnable): void {
  line.add(reader);
  callUp();
}

/** Waits no more. */
export function leaveLine(reader: Turnable): void {
  line.delete(reader);
}

function hasTime(): boolean {
  const now = performance.now();
  if (began !== undefined) return now - began < LONGEST_TURN;
  began = now;
  atTurnEnd(endTurn);
  return true;
}

function endTurn(): void {
  began = undefined;
}

/** Sees to it that everybody in line is served. */
function callUp(): void {
  for (; calls < line.size; calls++) atTurnEnd(serve);
}

/** Serves the next in line, if there is time. */
function serve(): void {
  calls--;
  if (hasTime()) {
    for (const reader of line) {
      line.delete(reader);
      reader.goOn();
      break;
    }
  }
  if (calls === 0) callUp();
}
