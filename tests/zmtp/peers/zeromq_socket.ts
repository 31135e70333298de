/** A socket in a process of zeromq.js's, as a test sees it. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { clearTimeout, setTimeout } from "node:timers";

/** How long anything may take before a test fails, in milliseconds. */
export const PATIENCE = 25_000;

/** One frame, or several. */
export type ZMessage = string | Uint8Array | readonly (string | Uint8Array)[];

/** What zeromq.js's monitor tells, by the names that zeromq.js has for it. */
export interface ZEvent {
  readonly type: string;
  readonly address?: string;
  readonly code?: string;
  readonly status?: number;
  readonly interval?: number;
}

/** The process that a socket lives in. */
export interface Host {
  /** Has it do something. */
  ask(command: string, values: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** A socket is closed. */
  forget(number: number): void;
}

type Values = Record<string, unknown>;

/** Bytes, or text as UTF-8, as they go through JSON. */
export function toBase64(frame: string | Uint8Array): string {
  return Buffer.from(frame as Uint8Array).toString("base64");
}

function toFrames(message: ZMessage): string[] {
  const frames = typeof message === "string" || message instanceof Uint8Array ? [message] : message;
  return frames.map(toBase64);
}

/** See `toBase64`. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** Calls waiters again whenever something has happened. */
export class Bell {
  readonly #waiters: Set<(over: boolean) => void> = new Set();
  #isOver = false;

  ring(over = false): void {
    this.#isOver ||= over;
    for (const waiter of this.#waiters) waiter(this.#isOver);
  }

  /** Resolves with what `find` finds, now or later. */
  until<T>(find: () => T | undefined, what: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (over: boolean): void => {
        const found = find();
        if (found === undefined && !over) return;
        clearTimeout(timer);
        this.#waiters.delete(settle);
        if (found !== undefined) resolve(found);
        else reject(new assert.AssertionError({ message: what() }));
      };
      const timer = setTimeout(() => settle(true), PATIENCE);
      this.#waiters.add(settle);
      settle(this.#isOver);
    });
  }
}

/** A socket of zeromq.js's. */
export class ZSocket implements AsyncDisposable {
  /** What the process calls it. */
  readonly number: number;
  /** What its monitor told, the oldest first; nothing before `watch`. */
  readonly events: ZEvent[] = [];
  readonly #host: Host;
  readonly #bell: Bell = new Bell();
  #watched: Promise<void> | undefined;
  #isClosed = false;

  /** @param host Where it is. @param number What it is called there. */
  constructor(host: Host, number: number) {
    this.#host = host;
    this.number = number;
  }

  /** Binds; resolves with the address that it has then. */
  async bind(address = "tcp://127.0.0.1:*"): Promise<string> {
    return await this.#ask("bind", { address }) as string;
  }

  /** Unbinds. */
  async unbind(address: string): Promise<void> {
    await this.#ask("unbind", { address });
  }

  /** Connects, sooner or later. */
  async connect(address: string, options?: { routingId: string }): Promise<void> {
    await this.#ask("connect", { address, ...(options && { options }) });
  }

  /** Disconnects. */
  async disconnect(address: string): Promise<void> {
    await this.#ask("disconnect", { address });
  }

  /** Sends messages, one after another. */
  async send(...messages: ZMessage[]): Promise<void> {
    await this.#ask("send", { messages: messages.map(toFrames) });
  }

  /** Receives so many messages. */
  async receive(count = 1): Promise<Uint8Array<ArrayBuffer>[][]> {
    const messages = await this.#ask("receive", { count }) as string[][];
    return messages.map((frames) => frames.map(fromBase64));
  }

  /** Receives so many messages, as text: the frames joined by `|`. */
  async texts(count = 1): Promise<string[]> {
    return (await this.receive(count)).map((frames) =>
      frames.map((frame) => Buffer.from(frame).toString()).join("|")
    );
  }

  /** Of a SUB. */
  async subscribe(...prefixes: (string | Uint8Array)[]): Promise<void> {
    await this.#ask("subscribe", { prefixes: prefixes.map(toBase64) });
  }

  /** Of a SUB. */
  async unsubscribe(...prefixes: (string | Uint8Array)[]): Promise<void> {
    await this.#ask("unsubscribe", { prefixes: prefixes.map(toBase64) });
  }

  /** Sends back each message that comes, until it is closed. */
  async echo(): Promise<void> {
    await this.#ask("echo", {});
  }

  /**
   * Attaches a monitor. Not where a failure is tested: with a monitor libzmq leaves some connections open that it closes
   * otherwise.
   */
  watch(): Promise<void> {
    return this.#watched ??= this.#ask("watch", {}).then(() => {});
  }

  /** How many events of a type there were so far. */
  count(type: string): number {
    return this.events.filter((event) => event.type === type).length;
  }

  /** Resolves once there were so many events of a type, past or to come, with the last of them. */
  event(type: string, count = 1): Promise<ZEvent> {
    return this.#bell.until(
      () => this.events.filter((event) => event.type === type)[count - 1],
      () => `There were not ${count} "${type}": ${this.events.map((one) => one.type).join(", ")}`,
    );
  }

  /** Closes it. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.forget(this.number);
    await this.#ask("close", {}).catch(() => {});
  }

  /** The monitor has told something. */
  heard(event: ZEvent): void {
    this.events.push(event);
    this.#bell.ring();
  }

  /** Its process has ended. */
  ended(): void {
    this.#isClosed = true;
    this.#bell.ring(true);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ask(command: string, values: Values): Promise<unknown> {
    return this.#host.ask(command, { socket: this.number, ...values });
  }
}
