/** A connection's sink that writes down what it is told, and holds the connection to the contract. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Connection, ConnectionSink } from "../../src/contracts/connection.ts";
import type { SPError } from "../../src/base/errors.ts";

/** Keeps each chunk as it is, so that memory that is used again is seen, unless the connection says that it lends it. */
export class Recorder implements ConnectionSink {
  readonly chunks: Uint8Array[] = [];
  /** Bytes so far. */
  length = 0;
  drains = 0;
  isClosed = false;
  reason: SPError | undefined;
  /** Memory that it wants read to, from its beginning, as far as it goes. */
  wanted: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** How many bytes were. */
  direct = 0;
  /** Called with each chunk, inside of `data`. */
  onData: ((chunk: Uint8Array) => void) | undefined;
  #isLent = false;
  #isCalled = false;
  #isHeld = false;
  readonly #watchers: Set<() => void> = new Set();

  /** Has the connection deliver here. */
  start(connection: Connection): void {
    this.#isLent = connection.lendsMemory === true;
    connection.start(this);
  }

  data(chunk: Uint8Array): void {
    this.#call(() => {
      assert.ok(chunk.length > 0, "an empty chunk was delivered");
      assert.equal(Object.getPrototypeOf(chunk), Uint8Array.prototype, "no plain Uint8Array");
      const isDirect = chunk.buffer === this.wanted.buffer;
      if (isDirect) {
        assert.equal(chunk.byteOffset, this.direct, "read to somewhere else than was wanted");
        this.direct += chunk.length;
      }
      this.chunks.push(this.#isLent && !isDirect ? chunk.slice() : chunk);
      this.length += chunk.length;
      this.onData?.(chunk);
    });
  }

  room(): Uint8Array<ArrayBuffer> | undefined {
    assert.ok(!this.#isCalled, "the sink was asked within a call of the sink");
    const { direct, wanted } = this;
    return direct < wanted.length ? wanted.subarray(direct, direct + 70_000) : undefined;
  }

  drain(): void {
    this.#call(() => {
      assert.ok(this.#isHeld, "the connection had said already that all was taken");
      this.#isHeld = false;
      this.drains++;
    });
  }

  closed(reason?: SPError): void {
    this.#call(() => {
      this.isClosed = true;
      this.reason = reason;
    });
  }

  /** Writes to the connection; false if it holds the chunks until it calls `drain`. */
  write(connection: Connection, ...chunks: Uint8Array[]): boolean {
    const isTaken = connection.write(chunks);
    chunks.length = 0;
    this.#isHeld = !isTaken;
    return isTaken;
  }

  /** Writes, and waits until the chunks' memory may be used again. */
  async written(connection: Connection, ...chunks: Uint8Array[]): Promise<void> {
    if (!this.write(connection, ...chunks)) await this.until(() => !this.#isHeld);
  }

  /** All that was delivered, as one piece. */
  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  /** Resolves once the condition is true; it is looked at after each call. */
  until(condition: (recorder: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition(this)) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** Resolves when the connection is over. */
  untilClosed(): Promise<void> {
    return this.until(({ isClosed }) => isClosed);
  }

  #call(body: () => void): void {
    assert.ok(!this.isClosed, "the sink was called after it was told that the connection is over");
    assert.ok(!this.#isCalled, "the sink was called within a call of the sink");
    this.#isCalled = true;
    body();
    this.#isCalled = false;
    for (const check of [...this.#watchers]) check();
  }
}
