import { newMemory } from "./new_memory.ts";

/** A body of up to this length gets all its memory when it is announced. */
const TRUSTED_LENGTH = 64 * 1024;

/** What a longer one gets first, and once it has filled that; then four times what has come. */
const [FIRST_LENGTH, SECOND_LENGTH] = [32 * 1024, 1024 * 1024];

/** A message that is smaller costs less if it is read with those behind it, and copied. */
const SMALLEST_DIRECT = 32 * 1024;

/** Longer reads keep the sender waiting. One of these takes 64 KiB, and what stands before the next message. */
const LARGEST_READ = 64 * 1024 + 16;

/**
 * The body of the message under way, when it does not lie whole in a chunk.
 *
 * A connection that reads where it is told to reads a large one straight into its memory, together with the prefix of
 * the next, so that a message of 64 KiB that follows upon another is one read and no copy
 * (`tests/unit/framing_direct.test.ts`).
 */
export class IncomingBody {
  /** Its length in bytes; 0 between messages. */
  length = 0;
  #filled = 0;
  /** What has come of it, once some has, or is to be read there. */
  #memory: Uint8Array<ArrayBuffer> | undefined;
  /** Room behind a large body, for the next prefix: none until somebody asks where to read to. */
  #behind = 0;

  /** Whether nothing has come of it, and it has no memory yet. */
  get isBare(): boolean {
    return this.#memory === undefined;
  }

  /** Takes as much of it as lies in a chunk. Returns how many bytes. */
  fill(chunk: Uint8Array<ArrayBuffer>, at: number): number {
    const taken = Math.min(this.length - this.#filled, chunk.length - at);
    const filled = this.#filled + taken;
    const memory = this.#reserve(filled);
    // What was read to `room` is where it belongs.
    if (chunk.buffer !== memory.buffer) {
      const part = taken === chunk.length ? chunk : chunk.subarray(at, at + taken);
      memory.set(part, this.#filled);
    }
    this.#filled = filled;
    return taken;
  }

  /** The body, once all of it has come; nothing is under way then. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const { length } = this;
    if (this.#filled < length) return undefined;
    const memory = this.#memory!;
    this.drop();
    return memory.length === length ? memory : memory.subarray(0, length);
  }

  /** Nothing is under way. */
  drop(): void {
    this.length = 0;
    this.#filled = 0;
    this.#memory = undefined;
  }

  /** Where to read what comes next to, with a prefix of this length behind it; undefined where it does not matter. */
  room(prefix: number): Uint8Array<ArrayBuffer> | undefined {
    this.#behind = prefix;
    if (this.length < SMALLEST_DIRECT) return undefined;
    const at = this.#filled;
    return this.#reserve(at + 1).subarray(at, at + LARGEST_READ);
  }

  /** Its memory, with room for so many bytes at least. */
  #reserve(end: number): Uint8Array<ArrayBuffer> {
    const { length } = this;
    const behind = length < SMALLEST_DIRECT ? 0 : this.#behind;
    let memory = this.#memory ??= memoryFor(
      (length <= TRUSTED_LENGTH ? length : FIRST_LENGTH) + behind,
      behind,
    );
    if (end > memory.length) {
      const larger = Math.min(
        length + behind,
        Math.max(end, SECOND_LENGTH + behind, memory.length * 4),
      );
      const filled = memory.subarray(0, this.#filled);
      memory = this.#memory = memoryFor(larger, behind);
      memory.set(filled);
    }
    return memory;
  }
}

/** Memory for one message. The last bytes, which the user may see behind the message, are zero. */
function memoryFor(length: number, behind: number): Uint8Array<ArrayBuffer> {
  return newMemory(length).fill(0, length - behind);
}
