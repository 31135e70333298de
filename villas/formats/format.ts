import type { Settings } from "../config/settings.ts";
import type { Sample } from "../model/sample.ts";
import type { Signal } from "../model/signal.ts";

/**
 * VILLASnode knows two encodings of most formats: one for messages, where each message has some samples, and one
 * for streams such as files and pipes, which may begin with a header.
 */
export type Mode = "message" | "stream";

/** What is wrong with bytes that cannot be read, or with a sample that cannot be written. */
export class FormatError extends Error {
  /** The name of the class. */
  override readonly name = "FormatError";
}

/** What a codec is made from. */
export interface CodecOptions {
  /** Which of the two encodings. */
  readonly mode: Mode;
  /** The format's own options. */
  readonly settings: Settings;
  /** What the values are that are read. */
  readonly signals: readonly Signal[];
  /** Whether text may have the offset, from when a sample was measured to when it came; default true. */
  readonly offset: boolean;
  /**
   * Takes what cannot be read or written: the rest of the message, or the line, or the value is left out. It may
   * throw to stop instead.
   */
  readonly problem: (error: FormatError) => void;
}

/** Writes and reads one format. It has no memory from one call to the next, but where it says so. */
export interface Codec {
  /** What a stream begins with, if anything. */
  readonly header?: (signals: readonly Signal[]) => string;
  /**
   * Writes samples: as one message, or as the next part of a stream.
   *
   * @throws {FormatError} If the format has no room for a value.
   */
  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer>;
  /** Reads a whole message, or a part of a stream that `measure` has found whole. No bytes make it throw. */
  decode(bytes: Uint8Array): Sample[];
  /**
   * For streams: how many of these bytes, from the beginning, are whole samples.
   *
   * @param bytes What has come and was not read yet.
   * @param ended Whether nothing more comes.
   */
  measure(bytes: Uint8Array, ended: boolean): number;
}

/** One format: a file in this folder, and a line in `table.ts`. */
export interface Format {
  /** As in a configuration, such as `villas.human`. */
  readonly name: string;
  /** Whether it is no text; default false. */
  readonly binary?: boolean;
  /** Makes a codec; asynchronous if it has to load a library. */
  open(options: CodecOptions): Codec | Promise<Codec>;
}
