/** How the program ends. */
export const EXIT = {
  /** It is done. */
  ok: 0,
  /** It failed: an address, a file, a peer. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** There was no answer in time, or not all. */
  unanswered: 4,
  /** SIGINT, SIGTERM. */
  interrupted: 130,
  terminated: 143,
} as const;

/** An end that is not a good one, and a sentence that says why and what to try. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly status: number;

  /** @param status For the shell. @param message One sentence, without a period. */
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
