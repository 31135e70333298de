/** A part of what one end of a connection said. */
export interface Part {
  /** Where it begins in what its end said. */
  readonly at: number;
  /** Its bytes, without those of the parts in it. */
  readonly bytes: Uint8Array;
  /** What it is, in a word or two: `greeting`, `message`. */
  readonly kind: string;
  /** What it says. */
  readonly text: string;
  /** What is wrong with it. */
  readonly problem?: string | undefined;
  /** Whether it is a secret, such as a password. */
  readonly isSecret?: boolean;
  /** Whether it is text, whose bytes are of little interest. */
  readonly isText?: boolean;
  /** Which of its end's messages it is, or belongs to; from 1. */
  readonly message?: number;
  /** What it says, for programs. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The parts that follow its bytes and belong to it. */
  readonly parts?: readonly Part[];
}

/** Where a part and all in it ends. */
export function endOf({ at, bytes, parts = [] }: Part): number {
  return parts.reduce((end, part) => Math.max(end, endOf(part)), at + bytes.length);
}

/** Whether something is wrong with a part or with one in it. */
export function problemsOf({ problem, parts = [] }: Part): number {
  return parts.reduce((sum, part) => sum + problemsOf(part), problem === undefined ? 0 : 1);
}

/** How many messages are in parts. */
export function countMessages(parts: readonly Part[]): number {
  const numbers = new Set<number>();
  const look = ({ message, parts = [] }: Part): void => {
    if (message !== undefined) numbers.add(message);
    parts.forEach(look);
  };
  parts.forEach(look);
  return numbers.size;
}

/** `1 byte`, `2 bytes`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A size as it is announced; above 2^53 it is not exact. */
export function bytesText(size: number): string {
  return size > Number.MAX_SAFE_INTEGER ? "2^53 bytes or more" : plural(size, "byte");
}

/** How much of an announced size is there; undefined if all is. */
export function shortfall(there: number, size: number): string | undefined {
  return there < size ? `${there} of ${bytesText(size)} are there` : undefined;
}

/** Several problems as one. */
export function together(problems: readonly (string | undefined)[]): string | undefined {
  const all = problems.filter((problem) => problem !== undefined);
  return all.length > 0 ? all.join("; ") : undefined;
}

/** A number as it stands on the wire: `0x0000002a`. */
export function hexNumber(number: number, digits: number): string {
  return `0x${number.toString(16).padStart(digits, "0")}`;
}

/** Four bytes as a number. */
export function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}
