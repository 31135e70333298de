/** One second, in milliseconds. */
const SECOND = 1000;

interface Kind {
  /** How many lines of it the current second has. */
  lines: number;
  /** What came besides, and is told of when the second is over. */
  more: number;
}

/** Lets so many lines a second pass of each kind, and tells how much more there was. It holds one entry for each kind. */
export class Limiter<Name extends string> {
  readonly #most: number;
  readonly #tellMore: (kind: Name, count: number) => void;
  readonly #kinds: Map<Name, Kind> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param most Lines of a kind in a second. @param tellMore Told of the rest, once the second is over. */
  constructor(most: number, tellMore: (kind: Name, count: number) => void) {
    this.#most = most;
    this.#tellMore = tellMore;
  }

  /** Whether a line may pass. If not, what it stands for is counted: `count`. */
  passes(name: Name, count: number): boolean {
    let kind = this.#kinds.get(name);
    if (kind === undefined) this.#kinds.set(name, kind = { lines: 0, more: 0 });
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), SECOND);
      // It must not keep a process alive, which timers of pages know nothing of.
      (this.#timer as { unref?(): void }).unref?.();
    }
    if (kind.lines < this.#most) {
      kind.lines++;
      return true;
    }
    kind.more += count;
    return false;
  }

  /** Ends the second: tells what did not pass. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const kinds = [...this.#kinds];
    this.#kinds.clear();
    for (const [name, { more }] of kinds) if (more > 0) this.#tellMore(name, more);
  }
}
