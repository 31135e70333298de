import { concat, type Mutations } from "../mutations.ts";
import type { Place } from "../place.ts";
import type { Speech } from "../speech.ts";
import { COMMAND, commandBody } from "./bytes.ts";
import { commandFor, framesFor, metadataFor, onlySends, repliesTo } from "./messages.ts";
import { Requests } from "./requests.ts";

/** Flags of a frame on a WebSocket. */
const WS_MORE = 1, WS_COMMAND = 2;
const EMPTY = new Uint8Array(0);

/** ZWS 2.0: a handshake by the subprotocol, then a frame in each message. */
export class ZwsSpeech implements Speech {
  readonly protocol: string;
  readonly sendsOnly: boolean;
  readonly listens: boolean;
  readonly #place: Place;
  readonly #mutations: Mutations;
  readonly #requests: Requests = new Requests(0);
  #said = 0;

  /** @param place Who is talked to. @param mutations Of this connection. */
  constructor(place: Place, mutations: Mutations) {
    const { random } = mutations;
    this.protocol = random.oneIn(10)
      ? random.pick(["ZWS2.0/PLAIN", "ZWS2.0/CURVE", "ZWS1.0", "zws2.0/null"])
      : random.pick(["ZWS2.0/NULL", "ZWS2.0/NULL", "ZWS2.0"]);
    this.sendsOnly = onlySends(place);
    this.listens = repliesTo(place);
    this.#place = place;
    this.#mutations = mutations;
  }

  get isBeginning(): boolean {
    return this.#said === 1;
  }

  get waits(): boolean {
    return this.listens && this.#said > 0 && this.#requests.asked.length === 0;
  }

  hear(payload: Uint8Array): void {
    if (payload.length === 0) return;
    const flags = (payload[0]! & WS_MORE) | ((payload[0]! & WS_COMMAND) !== 0 ? COMMAND : 0);
    this.#requests.frame(flags, payload.subarray(1));
  }

  next(): Uint8Array[] {
    const { random } = this.#mutations;
    if (this.#said++ === 0) return [this.#hello()];
    const kind = random.below(100);
    if (kind < 80) return this.#message();
    if (kind < 90) return [this.#command()];
    if (kind < 92) return [EMPTY];
    if (kind < 94) {
      return Array.from({ length: 2 + random.below(200) }, () => Uint8Array.of(WS_MORE));
    }
    if (kind < 97) return [concat(Uint8Array.of(random.below(256)), this.#mutations.noise(20))];
    return [this.#mutations.noise(random.below(300))];
  }

  #hello(): Uint8Array {
    const { random } = this.#mutations;
    const identity = this.#mutations.noise(random.below(random.oneIn(10) ? 300 : 10));
    const right = this.protocol === "ZWS2.0" ? concat(Uint8Array.of(0), identity) : concat(
      Uint8Array.of(WS_COMMAND),
      commandBody("READY", metadataFor(this.#place, this.#mutations)),
    );
    return random.oneIn(10) ? this.#mutations.mutate(right) : right;
  }

  #message(): Uint8Array[] {
    const { random } = this.#mutations;
    const bodies = framesFor(this.#place, this.#mutations, this.#requests.asked);
    const frames = bodies.map((body, i) =>
      concat(Uint8Array.of(i < bodies.length - 1 ? WS_MORE : 0), body)
    );
    if (random.oneIn(6)) frames.splice(random.below(frames.length + 1), 0, this.#command());
    return frames;
  }

  #command(): Uint8Array {
    return concat(Uint8Array.of(WS_COMMAND), commandFor(this.#mutations));
  }
}
