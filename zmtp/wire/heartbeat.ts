import { SPError } from "../../src/base/errors.ts";
import { Stillness } from "../../src/base/stillness.ts";
import { later, LONGEST_TIMER } from "../../src/base/wait.ts";
import type { SessionHost, WireContext } from "../../src/contracts/wire.ts";

/** How often silence is looked for within the time that it may last. */
const LOOKS = 4;

/** Heartbeats (RFC 37, 3.8.4). All times are in milliseconds. */
export interface HeartbeatOptions {
  /** How often a peer is pinged, in milliseconds, 1 or more; default `Infinity`, never. */
  interval?: number;
  /**
   * How long nothing may come after a ping, in milliseconds, before the connection ends with `ETIMEDOUT`; default the interval. It may
   * take a quarter longer. Any byte counts, and a peer that we do not read is not held to it.
   */
  timeout?: number;
  /** How long we may be silent before peers end the connection, as pings tell them: milliseconds, up to 65,500; default 0, for ever. */
  ttl?: number;
}

/** The heart of one connection. */
export interface Pulse {
  /** The peer wants to be given up once nothing comes for so many milliseconds; never, if 0. */
  expect(ttl: number): void;
  /** The connection is ending. */
  stop(): void;
}

/**
 * Pings the peers of a socket, and ends connections whose peers are silent.
 *
 * One timer for all of them looks at what is counted anyway. It counts looks and not the clock's time, so that a process that was stopped
 * for a while hears its peers before it judges them. A peer that we do not read cannot be heard, and is not judged.
 */
export class Heartbeats {
  readonly #interval: number;
  readonly #timeout: number;
  readonly #ttl: number;
  readonly #period: number;
  readonly #hearts: Set<Heart> = new Set();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sinceLastPing = 0;

  /** @param options Of the socket. */
  constructor(options: HeartbeatOptions = {}) {
    this.#interval = options.interval || Infinity;
    this.#timeout = options.timeout ?? this.#interval;
    this.#ttl = options.ttl ?? 0;
    this.#period = Math.min(this.#interval, this.#timeout / LOOKS);
  }

  /** A connection begins. @param ping Lays a ping out; undefined where there is none. */
  begin(
    host: SessionHost,
    context: WireContext,
    ping: (ttl: number) => Uint8Array | undefined,
  ): Pulse {
    const heart = new Heart(host, context, ping(this.#ttl), () => {
      this.#hearts.delete(heart);
      if (this.#hearts.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    });
    if (this.#interval <= LONGEST_TIMER && heart.ping !== undefined) {
      this.#hearts.add(heart);
      this.#timer ??= later(this.#period, this.#look);
    }
    return heart;
  }

  readonly #look = (): void => {
    this.#timer = later(this.#period, this.#look);
    this.#sinceLastPing += this.#period;
    const isTime = this.#sinceLastPing >= this.#interval;
    if (isTime) this.#sinceLastPing = 0;
    for (const heart of this.#hearts) {
      heart.look(this.#period, this.#timeout);
      if (isTime) heart.beat();
    }
  };
}

class Heart implements Pulse {
  readonly ping: Uint8Array | undefined;
  readonly #host: SessionHost;
  readonly #who: string;
  readonly #onStop: () => void;
  readonly #stillness: Stillness = new Stillness();
  /** Whether a ping was sent since something was heard. */
  #isAwaiting = false;
  #looksAwaiting = 0;
  #ttl = 0;
  #heard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(
    host: SessionHost,
    { connection: { remoteAddress } }: WireContext,
    ping: Uint8Array | undefined,
    onStop: () => void,
  ) {
    this.ping = ping;
    this.#host = host;
    this.#who = remoteAddress;
    this.#onStop = onStop;
  }

  beat(): void {
    if (this.#isOver) return;
    this.#isAwaiting = true;
    this.#host.reply(this.ping!);
  }

  /** Judges the peer, once it was pinged. */
  look(period: number, timeout: number): void {
    const isStill = this.#stillness.look(this.#host.isPaused ? NaN : this.#host.heard) > 0;
    if (!isStill) this.#isAwaiting = false;
    this.#looksAwaiting = this.#isAwaiting ? this.#looksAwaiting + 1 : 0;
    if (this.#looksAwaiting * period < timeout) return;
    this.#giveUp(`nothing came for ${timeout} ms after a ping (heartbeat.timeout)`);
  }

  expect(ttl: number): void {
    this.#ttl = ttl;
    if (ttl > 0 && this.#timer === undefined && !this.#isOver) this.#watch();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#onStop();
  }

  #watch(): void {
    this.#heard = this.#host.heard;
    this.#timer = later(this.#ttl, () => {
      this.#timer = undefined;
      if (this.#ttl === 0 || this.#isOver) return;
      if (this.#host.isPaused || this.#host.heard !== this.#heard) return this.#watch();
      this.#giveUp(`nothing came for ${this.#ttl} ms, which its last ping allows`);
    });
  }

  #giveUp(why: string): void {
    if (this.#isOver) return;
    const message = `Closed the connection to ${this.#who}: ${why}`;
    this.#host.error(new SPError("ETIMEDOUT", message));
  }
}
