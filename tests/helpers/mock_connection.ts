/** A connection to nobody: it records what the core does, and does what the test says. */

import assert from "node:assert/strict";
import type { Connection, ConnectionSink, Framing } from "../../src/contracts/connection.ts";
import type { SPError } from "../../src/base/errors.ts";
import { concat, text } from "./bytes.ts";
import { unframeAll } from "./reference_codec.ts";

/** What a mock connection is like. */
export interface MockOptions {
  readonly framing?: Framing;
  readonly remoteAddress?: string;
  readonly localAddress?: string;
  readonly tlsName?: string;
  readonly headers?: Headers;
  readonly path?: string;
  /** Whether it holds what is written, as for a peer that does not read. */
  readonly stuck?: boolean;
  /** As in {@linkcode Connection}. */
  readonly keepsMemory?: boolean;
  /** As in {@linkcode Connection}: what is delivered is overwritten afterwards. */
  readonly lendsMemory?: boolean;
  /** As in {@linkcode Connection}. */
  readonly inProcess?: boolean;
  /** Whether `closed` is called within `destroy` and `end`, as inproc does, and not in a microtask. */
  readonly closesAtOnce?: boolean;
}

interface Held {
  readonly chunk: Uint8Array;
  readonly copy: Uint8Array;
}

/**
 * A mock connection. It holds the core to the rules of {@linkcode Connection}: who writes while the
 * connection holds a write, changes memory that it holds, or writes behind the end, fails the test.
 */
export class MockConnection implements Connection {
  readonly framing: Framing;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly tlsName?: string;
  readonly headers?: Headers;
  readonly path?: string;
  readonly keepsMemory: boolean;
  readonly lendsMemory: boolean;
  readonly inProcess: boolean;
  /** The chunks of each call of `write`, copied. */
  readonly writes: Uint8Array<ArrayBuffer>[][] = [];
  /** Whether writes are held, as by a peer that does not read. */
  stuck = false;
  /** What it says of the write that it holds: as in {@linkcode Connection}. */
  pending = 0;
  /** Whether the core wants nothing delivered now. */
  paused = false;
  /** How often `resume` was called while paused. */
  resumes = 0;
  /** Whether the core has called `end`. */
  ended = false;
  /** Whether the core has called `destroy`. */
  destroyed = false;
  /** Whether the sink was told that all is over. */
  over = false;

  readonly #closesAtOnce: boolean;
  #sink: ConnectionSink | undefined;
  #held: Held[] | undefined;
  readonly #arrived: Uint8Array<ArrayBuffer>[] = [];
  /** The peer has ended its stream; told once all that arrived is delivered. */
  #hungUp = false;
  readonly #watchers: Set<() => void> = new Set();

  constructor(options: MockOptions = {}) {
    this.framing = options.framing ?? "message";
    const { tlsName, headers, path } = options;
    if (tlsName !== undefined) this.tlsName = tlsName;
    if (headers !== undefined) this.headers = headers;
    if (path !== undefined) this.path = path;
    this.remoteAddress = options.remoteAddress ?? "mock://there";
    this.localAddress = options.localAddress ?? "mock://here";
    this.keepsMemory = options.keepsMemory ?? false;
    this.lendsMemory = options.lendsMemory ?? false;
    this.inProcess = options.inProcess ?? false;
    this.stuck = options.stuck ?? false;
    this.#closesAtOnce = options.closesAtOnce ?? false;
  }

  start(sink: ConnectionSink): void {
    this.#sink = sink;
    this.#deliver();
    this.#changed();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    assert.equal(this.#held, undefined, "written while the connection held a write");
    assert.ok(!this.ended, "written behind the end");
    assert.ok(chunks.length > 0, "nothing was written");
    const held = chunks.map((chunk) => ({ chunk, copy: new Uint8Array(chunk) }));
    this.writes.push(held.map(({ copy }) => copy));
    if (this.stuck) this.#held = held;
    this.#changed();
    return !this.stuck;
  }

  pause(): void {
    this.paused = true;
    this.#changed();
  }

  resume(): void {
    if (this.paused) this.resumes++;
    this.paused = false;
    this.#deliver();
    this.#changed();
  }

  end(): void {
    assert.equal(this.#held, undefined, "ended while the connection held a write");
    this.ended = true;
    this.hangUp();
    this.#changed();
  }

  destroy(): void {
    this.destroyed = true;
    this.#close();
    this.#changed();
  }

  /** All that was written, as one piece. */
  get written(): Uint8Array<ArrayBuffer> {
    return concat(this.writes.flat());
  }

  /** The messages that were written. */
  messages(): Uint8Array<ArrayBuffer>[] {
    if (this.framing === "message") return this.writes.flat();
    return unframeAll(this.framing, this.written);
  }

  /** The messages that were written, as texts. */
  get texts(): string[] {
    return this.messages().map(text);
  }

  /** Resolves with the messages that were written, as texts, once there are so many. */
  async sent(count: number): Promise<string[]> {
    await this.until(() => this.messages().length >= count);
    return this.texts;
  }

  /** Chunks come from the peer: at once, or once the core starts or resumes the connection. */
  deliver(...chunks: Uint8Array<ArrayBuffer>[]): void {
    this.#arrived.push(...chunks);
    this.#deliver();
  }

  /** Has one held write go through; later ones are held again if `stuck` still says so. */
  drain(): void {
    for (const { chunk, copy } of this.#held ?? []) {
      assert.deepEqual(chunk, copy, "memory that the connection held was changed");
    }
    assert.ok(this.#held !== undefined, "there is nothing to drain");
    this.#held = undefined;
    this.#sink?.drain();
  }

  /** The peer reads again. */
  release(): void {
    this.stuck = false;
    if (this.#held !== undefined) this.drain();
  }

  /** The peer ends its stream. */
  hangUp(): void {
    this.#hungUp = true;
    this.#deliver();
  }

  /** The connection breaks; what was not delivered is lost. */
  break(reason?: SPError): void {
    this.#arrived.length = 0;
    this.#tellClosed(reason);
  }

  /** Resolves once the condition is true; it is looked at whenever the core has called. */
  until(condition: (connection: MockConnection) => boolean): Promise<void> {
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

  #deliverOne(chunk: Uint8Array<ArrayBuffer>): void {
    if (!this.lendsMemory) return this.#sink!.data(chunk);
    const lent = chunk.slice();
    this.#sink!.data(lent);
    lent.fill(0xdd);
  }

  #deliver(): void {
    const delivers = () => this.#sink !== undefined && !this.paused && !this.over;
    while (this.#arrived.length > 0 && delivers()) this.#deliverOne(this.#arrived.shift()!);
    if (this.#hungUp && this.#arrived.length === 0 && delivers()) this.#close();
  }

  #close(): void {
    if (this.#closesAtOnce) this.#tellClosed();
    else queueMicrotask(() => this.#tellClosed());
  }

  #tellClosed(reason?: SPError): void {
    if (this.over) return;
    this.over = true;
    this.#sink?.closed(reason);
    this.#changed();
  }

  #changed(): void {
    for (const check of [...this.#watchers]) check();
  }
}
