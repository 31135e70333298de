/* Standard error: lines, and one line at the bottom that is drawn again and again. */
import type { Writable } from "node:stream";

/** Back to the line's beginning, and erase it (ECMA-48, EL). */
const ERASE = "\r\x1b[2K";

const screens = new WeakMap<Writable, Screen>();

/** The one screen of a stream: all who write lines to it share it. */
export function screenOf(stream: Writable): Screen {
  let screen = screens.get(stream);
  if (screen === undefined) screens.set(stream, screen = new Screen(stream));
  return screen;
}

/** Where reports are written. */
export class Screen {
  readonly #stream: Writable;
  #bottom = "";

  constructor(stream: Writable) {
    this.#stream = stream;
    // When nobody reads standard error any more, there is nobody to tell.
    stream.on("error", () => {});
  }

  /** Writes a line, above the bottom line if there is one. */
  line(text: string): void {
    this.#stream.write(this.#bottom === "" ? `${text}\n` : `${ERASE}${text}\n${this.#bottom}`);
  }

  /** Draws the bottom line, in place of the last one. */
  draw(text: string): void {
    if (text === this.#bottom) return;
    this.#bottom = text;
    this.#stream.write(ERASE + text);
  }

  /** Leaves the bottom line, if there is one, as it is; the next text begins below it. */
  leave(): void {
    if (this.#bottom !== "") this.#stream.write("\n");
    this.#bottom = "";
  }
}
