import { openSync, readFileSync, writeSync } from "node:fs";

/** Stands for "a connection is made" between the messages of a record. */
const ATTACHED = 0xffff_ffff;

/** Bytes of a numbered message, in faults: two numbers, and nothing else that matters. */
export const MESSAGE_SIZE = 64;

/** A message with its number, and that of its sender's life. */
export function numbered(number: number, life = 0): Uint8Array<ArrayBuffer> {
  const message = new Uint32Array(MESSAGE_SIZE / 4);
  message[0] = number;
  message[1] = life;
  return new Uint8Array(message.buffer);
}

/** The number and the life of a message; undefined if it is none of ours. */
export function numbersOf(message: Uint8Array): [number: number, life: number] | undefined {
  if (message.length !== MESSAGE_SIZE) return undefined;
  const { buffer, byteOffset } = message;
  const view = new DataView(buffer, byteOffset);
  return [view.getUint32(0, true), view.getUint32(4, true)];
}

/** Writes down what was received, at once, so that it is known even of a process that is killed. */
export class Recorder {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** Messages that were received. */
  messages(messages: readonly Uint8Array[]): void {
    const entries = new Uint32Array(messages.length * 2);
    messages.forEach((message, i) => entries.set(numbersOf(message) ?? [0, ATTACHED - 1], i * 2));
    writeSync(this.#file, new Uint8Array(entries.buffer));
  }

  /** A peer is there. */
  attached(): void {
    writeSync(this.#file, new Uint8Array(Uint32Array.of(0, ATTACHED).buffer));
  }
}

/** What a record says: a message, or `undefined` for a peer that is there. */
export function* readRecord(
  path: string,
): Generator<{ readonly number: number; readonly life: number } | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return; // It was killed before it wrote anything.
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= view.byteLength; at += 8) {
    const life = view.getUint32(at + 4, true);
    yield life === ATTACHED ? undefined : { number: view.getUint32(at, true), life };
  }
}
