/** A message to be sent: its frames, one on nanomsg's wire. */
export type Frames = readonly Uint8Array[];

/** A message that has come. */
export interface Arrived {
  readonly frames: Frames;
  /** Whom it came from, where that is known. */
  readonly peer?: string | undefined;
}

/** Prints messages. */
export interface Printer {
  /** Prints one. Await the promise, if there is one, before the next. */
  print(message: Arrived): Promise<void> | undefined;
  /** Resolves when all is printed. */
  finish(): Promise<void>;
  /** Aborted when nobody reads what is printed any more. */
  readonly broken: AbortSignal;
}
