import type { XPub } from "../../../zmtp/mod.ts";

/** Counts the subscriptions of a publisher's peers that one topic is for. */
export class Subscriptions {
  readonly #waiting: Set<() => void> = new Set();
  readonly #topic: Uint8Array;
  #count = 0;

  /**
   * Begins to read what the peers say, until the socket is closed.
   *
   * @param pub Tells every subscription, and every end of one.
   * @param topic What the messages that are sent begin with.
   */
  constructor(pub: XPub, topic: string) {
    this.#topic = new TextEncoder().encode(topic);
    void this.#read(pub);
  }

  async #read(pub: XPub): Promise<void> {
    for await (const [said] of pub) {
      // A byte, then the prefix. What an XSUB may send besides is nothing to us.
      const isHeard = said !== undefined && (said[0] === 0 || said[0] === 1) &&
        said.length - 1 <= this.#topic.length &&
        said.subarray(1).every((byte, n) => byte === this.#topic[n]);
      if (!isHeard) continue;
      this.#count += said[0] === 1 ? 1 : -1;
      for (const wake of this.#waiting) wake();
    }
  }

  /**
   * Resolves once there are so many.
   *
   * @throws The signal's reason.
   */
  async reach(count: number, signal: AbortSignal): Promise<void> {
    while (this.#count < count) {
      await new Promise<void>((resolve, reject) => {
        const settle = (done: () => void): void => {
          this.#waiting.delete(wake);
          signal.removeEventListener("abort", end);
          done();
        };
        const wake = (): void => settle(resolve);
        const end = (): void => settle(() => reject(signal.reason));
        this.#waiting.add(wake);
        signal.addEventListener("abort", end);
        if (signal.aborted) end();
      });
    }
  }
}
