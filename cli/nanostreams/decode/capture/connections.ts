/* TCP connections of segments: who said what, in its order, once. */
import type { Mark, Said } from "../conversation.ts";
import type { Segment } from "./segments.ts";

/** A connection. */
export interface TcpConnection {
  /** Who connected, and whom to. */
  readonly client: string;
  readonly server: string;
  /** What each has said. */
  readonly said: readonly [Said, Said];
  /** When it began, in seconds. */
  readonly time?: number | undefined;
}

/** The most that may be missing of what an end says, in bytes, at once. */
const MOST_MISSING = 1024 * 1024;
/** And in all. */
const MOST_MISSING_IN_ALL = 16 * MOST_MISSING;

/** Puts connections together, in the order of their beginnings. */
export function connectionsOf(segments: Iterable<Segment>): TcpConnection[] {
  const all: Under[] = [];
  const open = new Map<string, Under>();
  let order = 0;
  for (const segment of segments) {
    const { from, to, isFirst, isAnswer, sequence } = segment;
    const key = from < to ? `${from} ${to}` : `${to} ${from}`;
    let connection = open.get(key);
    // The same ports again, by a new beginning.
    const isAnew = isFirst && !isAnswer && connection?.way(from).begins(sequence) === false;
    if (connection === undefined || isAnew) {
      const isServer = isFirst && isAnswer;
      connection = new Under(isServer ? to : from, isServer ? from : to, segment.time);
      open.set(key, connection);
      all.push(connection);
    }
    connection.way(from).add(segment, order++);
  }
  return all.map((connection) => connection.finish());
}

/** A connection under way. */
class Under {
  readonly #client: string;
  readonly #server: string;
  readonly #time: number | undefined;
  readonly #ways: readonly [Way, Way] = [new Way(), new Way()];

  constructor(client: string, server: string, time: number | undefined) {
    this.#client = client;
    this.#server = server;
    this.#time = time;
  }

  way(from: string): Way {
    return this.#ways[from === this.#client ? 0 : 1];
  }

  finish(): TcpConnection {
    const [there, back] = this.#ways;
    return {
      client: this.#client,
      server: this.#server,
      said: [there.said(), back.said()],
      time: this.#time,
    };
  }
}

/** A segment, and where it belongs. */
interface Piece {
  readonly start: number;
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly order: number;
  readonly time: number | undefined;
}

/** One direction. */
class Way {
  readonly #pieces: Piece[] = [];
  /** The sequence number of the first byte, once it is known. */
  #first: number | undefined;
  /** The last sequence number, and its place; numbers begin anew at 2^32. */
  #last = { sequence: 0, at: 0 };
  #isBegun = false;

  /** Whether a connection that begins with this number may be this one. */
  begins(sequence: number): boolean {
    return this.#isBegun ? this.#first === (sequence + 1) >>> 0 : this.#pieces.length === 0;
  }

  add({ sequence, isFirst, payload, length, time }: Segment, order: number): void {
    const from = isFirst ? (sequence + 1) >>> 0 : sequence;
    if (this.#first === undefined) {
      this.#first = from;
      this.#last = { sequence: from, at: 0 };
    }
    if (isFirst) this.#isBegun = true;
    const start = this.#last.at + (from - this.#last.sequence | 0);
    this.#last = { sequence: from, at: start };
    if (length > 0) this.#pieces.push({ start, payload, length, order, time });
  }

  said(): Said {
    const pieces = this.#pieces.toSorted((a, b) => a.start - b.start || a.order - b.order);
    const chunks: Uint8Array[] = [];
    const marks: Mark[] = [];
    const missing: { at: number; length: number }[] = [];
    const origin = this.#isBegun ? 0 : pieces[0]?.start ?? 0;
    let [at, lost, problem] = [origin, 0, undefined as string | undefined];
    let latest: { order: number; time: number | undefined } = { order: -1, time: undefined };
    const skip = (length: number): void => {
      if (length === 0) return;
      missing.push({ at: at - origin, length });
      chunks.push(new Uint8Array(length));
      at += length;
      lost += length;
    };
    for (const { start, payload, length, order, time } of pieces) {
      const end = start + length;
      if (end <= at) continue;
      const gap = Math.max(0, start - at);
      if (gap > MOST_MISSING || lost + gap > MOST_MISSING_IN_ALL) {
        problem = `${gap} bytes were not captured, so that what follows cannot be read`;
        break;
      }
      skip(gap);
      const own = payload.subarray(at - start);
      chunks.push(own);
      at += own.length;
      skip(end - at);
      if (order > latest.order) latest = { order, time };
      marks.push({ end: at - origin, ...latest });
    }
    const bytes = new Uint8Array(at - origin);
    let place = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, place);
      place += chunk.length;
    }
    return { bytes, marks, missing, ...(problem !== undefined && { problem }) };
  }
}
