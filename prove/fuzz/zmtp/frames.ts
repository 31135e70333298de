import { concat } from "../mutations.ts";

/** The first frame of a good peer's message has so many bytes at least, so that what it begins with can be subscribed to. */
const FIRST = 24;
/** Where the last byte of a good peer's number stands. */
const NUMBER_AT = 15;

/** A good peer's message in one to four frames, some of them empty: how many follows from its number. */
export function inFrames(message: Uint8Array): Uint8Array[] {
  const more = (message[NUMBER_AT] ?? 0) % 4;
  const frames = [message.subarray(0, more === 0 ? message.length : FIRST)];
  for (let i = 1; i <= more; i++) {
    const rest = message.length - FIRST;
    const [from, to] = [Math.floor(rest * (i - 1) / more), Math.floor(rest * i / more)];
    frames.push(message.subarray(FIRST + from, FIRST + to));
  }
  return frames;
}

/** The message again; not whole if its frames are not those that it was sent in. */
export function outOfFrames(frames: readonly Uint8Array[]): Uint8Array {
  const message = concat(...frames);
  const wanted = inFrames(message);
  const isRight = frames.length === wanted.length &&
    frames.every(({ length }, i) => length === wanted[i]!.length);
  return isRight ? message : concat(message, Uint8Array.of(0));
}
