import { Buffer } from "node:buffer";
import {
  agreement,
  frameLength,
  type FrameOptions,
  OPCODE,
  rawFrame,
  readFrame,
  request,
} from "../../tests/helpers/raw_web_socket.ts";
import { concat, type Mutations } from "./mutations.ts";
import { LARGEST, type Place } from "./place.ts";
import type { Speech } from "./speech.ts";
import { type Batch, batchOf, inputsOf, type Leaving, leavingOf, type Talk } from "./talk.ts";

/** What is kept of what a socket says, in bytes. */
const MOST_PENDING = 64 * 1024;

/** A WebSocket: an upgrade, asked for or agreed to, then frames. */
export class WebSocketTalk implements Talk {
  readonly leaving: Leaving;
  readonly #mutations: Mutations;
  readonly #speech: Speech;
  readonly #isClient: boolean;
  /** Whether the frames follow the upgrade at once. */
  readonly #hurries: boolean;
  #left: number;
  #upgraded = false;
  /** The head of the other side's half of the upgrade. */
  #head: string | undefined;
  #pending: Uint8Array = new Uint8Array(0);
  #last: Uint8Array = new Uint8Array(0);

  /** @param place Who is talked to. @param mutations Of this connection. @param speech What is said in its messages. */
  constructor({ role }: Place, mutations: Mutations, speech: Speech) {
    this.leaving = leavingOf(mutations);
    this.#mutations = mutations;
    this.#speech = speech;
    this.#isClient = role === "bind";
    this.#left = 1 + inputsOf(mutations, speech.sendsOnly);
    this.#hurries = mutations.random.oneIn(10);
  }

  get waits(): boolean {
    if (this.#isClient && !this.#upgraded) return false;
    if (this.#head === undefined) return !this.#hurries || !this.#isClient;
    return this.#upgraded && this.#speech.waits;
  }

  hear(chunk: Uint8Array): void {
    if (this.#pending.length > MOST_PENDING) return;
    this.#pending = this.#pending.length === 0 ? chunk : concat(this.#pending, chunk);
    if (this.#head === undefined) {
      const bytes = Buffer.from(
        this.#pending.buffer,
        this.#pending.byteOffset,
        this.#pending.length,
      );
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#head = bytes.toString("latin1", 0, end + 4);
      this.#pending = this.#pending.subarray(end + 4);
    }
    if (this.#speech.listens) this.#hearFrames();
    else this.#pending = new Uint8Array(0);
  }

  next(): Batch | undefined {
    const { random } = this.#mutations;
    if (this.#left <= 0) return undefined;
    if (!this.#upgraded) {
      this.#upgraded = true;
      this.#left--;
      return batchOf(this.#mutations, this.#upgrade(), 1);
    }
    const count = Math.min(this.#left, random.oneIn(3) ? 1 + random.below(8) : 1);
    this.#left -= count;
    const frames = Array.from({ length: count }, () => this.#frame());
    return batchOf(this.#mutations, count === 1 ? frames[0]! : concat(...frames), count);
  }

  /** Our half of the upgrade: in order, as a rule. */
  #upgrade(): Uint8Array {
    const { random } = this.#mutations;
    const { protocol } = this.#speech;
    const isRight = !random.oneIn(6);
    // Nothing behind it is heard, as a rule.
    if (!isRight) this.#left = Math.min(this.#left, 2);
    const text = this.#isClient
      ? request({ protocol, path: random.pick(["/", "/feed?from=7", "/%00"]) })
      : agreement(this.#head ?? "", protocol);
    if (isRight) return Buffer.from(text, "latin1");
    return random.oneIn(3)
      ? this.#mutations.mutate(Buffer.from(text, "latin1"))
      : Buffer.from(this.#wrongLines(text, protocol), "latin1");
  }

  /** Lines that are left out, doubled, far too long, of another protocol, or that a WebSocket does not want. */
  #wrongLines(text: string, protocol: string): string {
    const { random } = this.#mutations;
    const lines = text.split("\r\n");
    const at = random.below(lines.length - 2);
    const noise = Buffer.from(this.#mutations.noise(24)).toString("latin1");
    switch (random.below(9)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, lines[at]!);
        break;
      case 2:
        return text.replaceAll("\r\n", "\n");
      case 3:
        lines.splice(1, 0, `X-Long: ${"x".repeat(random.below(100_000))}`);
        break;
      case 4:
        return text.replaceAll(
          protocol,
          random.pick(["", "pair.sp.nanomsg.org", ",", `a, ${protocol}`]),
        );
      case 5:
        return text.replace(/(Key|Accept): .*/, `$1: ${noise}`);
      case 6:
        lines.splice(1, 0, random.pick(["Transfer-Encoding: chunked", "Content-Length: 9999999"]));
        break;
      case 7:
        return text.replace(
          /Version: 13|101|GET/,
          random.pick(["Version: 99", "200", "POST", "999"]),
        );
      default:
        lines.splice(1, 0, ...Array.from({ length: random.below(300) }, (_, i) => `X-${i}: ${i}`));
    }
    return lines.join("\r\n");
  }

  #frame(): Uint8Array {
    const { random } = this.#mutations;
    const messages = this.#speech.next();
    const message = messages[0]!;
    const kind = this.#speech.isBeginning ? 0 : random.below(100);
    if (kind < 75) {
      return this.#last = concat(...messages.map((one) => this.#lay(OPCODE.binary, one)));
    }
    if (kind < 80) return this.#lay(OPCODE.ping, message.subarray(0, 125));
    if (kind < 82) return this.#lay(OPCODE.pong, message.subarray(0, 125));
    if (kind < 85) return this.#lay(OPCODE.text, Buffer.from(message).toString("base64"));
    if (kind < 89) return this.#fragments(message);
    if (kind < 90) return this.#lay(OPCODE.text, message); // mostly no UTF-8
    if (kind < 91) return this.#lay(random.below(16), message);
    if (kind < 92) return this.#lay(OPCODE.ping, this.#mutations.noise(126 + random.below(100)));
    if (kind < 93) return this.#lay(OPCODE.binary, message, { masked: !this.#isClient });
    if (kind < 94) return this.#lay(OPCODE.close, this.#mutations.noise(random.below(20)));
    if (kind < 95) {
      const length = random.pick([125, 126, 65535, 65536, LARGEST + 1, 2 ** 31, 2 ** 40]);
      return this.#lay(OPCODE.binary, message, { length });
    }
    if (kind < 96) {
      return this.#lay(OPCODE.binary, this.#mutations.noise(LARGEST - 2 + random.below(4)));
    }
    return this.#mutations.mutate(this.#lay(OPCODE.binary, message), this.#last);
  }

  /** A message in several frames, at times with a ping between them, at times without its end. */
  #fragments(message: Uint8Array): Uint8Array {
    const { random } = this.#mutations;
    const half = random.below(message.length + 1);
    const between = random.oneIn(2) ? this.#lay(OPCODE.ping, "between") : new Uint8Array(0);
    const rest = this.#lay(0, message.subarray(half), { fin: !random.oneIn(10) });
    return concat(
      this.#lay(OPCODE.binary, message.subarray(0, half), { fin: false }),
      between,
      rest,
    );
  }

  /** A frame, with a mask from the noise where a mask belongs. */
  #lay(opcode: number, payload: Uint8Array | string, options: FrameOptions = {}): Uint8Array {
    const { masked = this.#isClient } = options;
    const bytes = rawFrame(opcode, payload, { ...options, masked });
    const head = bytes.length - payload.length;
    if (!masked || typeof payload === "string") return bytes;
    const mask = this.#mutations.noise(4);
    for (let i = 0; i < 4; i++) bytes[head - 4 + i] = mask[i]!;
    for (let i = head; i < bytes.length; i++) bytes[i]! ^= mask[i - head & 3]!;
    return bytes;
  }

  /** Finds the questions in what a socket sends. */
  #hearFrames(): void {
    for (;;) {
      const bytes = Buffer.from(
        this.#pending.buffer,
        this.#pending.byteOffset,
        this.#pending.length,
      );
      const length = frameLength(bytes);
      if (length > bytes.length) return;
      const { opcode, payload } = readFrame(Buffer.from(bytes.subarray(0, length)));
      this.#pending = this.#pending.subarray(length);
      if (opcode === OPCODE.binary) this.#speech.hear(payload);
    }
  }
}
