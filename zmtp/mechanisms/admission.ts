import { SPError } from "../../src/base/errors.ts";
import type { MechanismContext, Status } from "./mechanism.ts";

/** Whether a peer is let in, and what it is told if it is not: the same for all mechanisms. */
export class Admission {
  readonly #authenticate: MechanismContext["authenticate"];
  #status: Status = 200;

  constructor({ authenticate }: MechanismContext) {
    this.#authenticate = authenticate;
  }

  /** Whether there is an `authenticate` to ask. */
  get isGuarded(): boolean {
    return this.#authenticate !== undefined;
  }

  /**
   * Asks `authenticate`. Without it, the peer is let in.
   *
   * @throws {SPError} `EREJECTED` if it is refused.
   */
  async ask(credentials: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    if (this.#authenticate === undefined) return;
    const { status, reason } = await this.#authenticate(credentials);
    if (status !== 200) this.refuse(status, reason ?? `authenticate answered ${status}`);
  }

  /** Refuses the peer. */
  refuse(status: Status, reason: SPError | string): never {
    this.#status = status;
    throw reason instanceof SPError
      ? reason
      : new SPError("EREJECTED", `Refused the peer: ${reason}`);
  }

  /** The number that the peer is told. None with 300: a peer that is told nothing tries again (RFC 27). */
  get told(): string | undefined {
    return this.#status >= 400 ? String(this.#status) : undefined;
  }
}
