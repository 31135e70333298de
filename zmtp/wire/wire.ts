import { SPError } from "../../src/base/errors.ts";
import type { Connection } from "../../src/contracts/connection.ts";
import type {
  Decoder,
  Encoder,
  Greeting,
  Session,
  SessionHost,
  Wire,
  WireContext,
} from "../../src/contracts/wire.ts";
import type { Heartbeats, Pulse } from "./heartbeat.ts";
import type { Mechanism } from "../mechanisms/mechanism.ts";
import type { SecurityFactory } from "../security.ts";
import type { SocketType } from "../socket_types.ts";
import { Assembler, type AssemblerOptions } from "./assembler.ts";
import { encodeCommand } from "./commands.ts";
import type { Subscription } from "./subscription.ts";
import { FramesDecoder, WebSocketDecoder } from "./decoder.ts";
import { APART, STREAM, WEB_SOCKET } from "./encoder.ts";
import {
  COMMAND,
  encodeFrame,
  LONGEST_COMMAND,
  type OutgoingFrames,
  sizeOfFrames,
} from "./frames.ts";
import { BareGreeting, StreamGreeting, WebSocketGreeting } from "./greeting.ts";

/** What a socket's wire is made of. */
export interface WireSettings {
  /** As it is told to peers. */
  readonly type: SocketType;
  /** What this socket calls itself; empty if nothing. */
  readonly identity: Uint8Array;
  /** Of all connections of the socket. */
  readonly heartbeats: Heartbeats;
  /** Makes the mechanism of a connection. */
  readonly security: SecurityFactory;
}

/** ZeroMQ's wire: ZMTP 3.1 and 3.0 (RFC 37, RFC 23), and ZWS 2.0 (RFC 45) on WebSockets. */
export class Zmtp implements Wire {
  readonly name = "zmtp";
  readonly #settings: WireSettings;

  /** @param settings Of the socket. */
  constructor(settings: WireSettings) {
    this.#settings = settings;
  }

  /** On WebSockets: a frame behind its flags. Commands do not count as messages: they may be as long as they may be elsewhere. */
  chunkLimit(maxMessageSize: number): number {
    return 1 + Math.max(maxMessageSize, LONGEST_COMMAND);
  }

  open(context: WireContext): Session {
    const { framing, inProcess } = context.connection;
    const isWebSocket = framing === "message" && inProcess !== true;
    return isWebSocket
      ? new WebSocketSession(this.#settings, context)
      : new StreamSession(this.#settings, context);
  }
}

/** What sessions have in common. One for each peer, so it holds little. */
abstract class FramesSession implements Session {
  abstract readonly encoder: Encoder;
  abstract readonly greeting: Greeting;
  readonly sizeOf: (message: object) => number = sizeOf;
  protected readonly context: WireContext;
  readonly #settings: WireSettings;
  #pulse: Pulse | undefined;

  constructor(settings: WireSettings, context: WireContext) {
    this.context = context;
    this.#settings = settings;
  }

  ended(): void {
    this.#pulse?.stop();
  }

  abstract decoder(host: SessionHost): Decoder;

  encodeControl(frame: Subscription): Uint8Array {
    return this.subscription(frame.type === "subscribe", frame.prefix, frame.asData === true);
  }

  /** Lays a command out; undefined where there are none. */
  protected abstract command(name: string, data: Uint8Array): Uint8Array | undefined;

  /** Lays a subscription out, or its end. */
  protected abstract subscription(
    isSubscribe: boolean,
    prefix: Uint8Array,
    asData: boolean,
  ): Uint8Array;

  protected assembler(host: SessionHost): Assembler {
    const { type, heartbeats } = this.#settings;
    const pulse = this.#pulse = heartbeats.begin(host, this.context, (ttl) => this.#ping(ttl));
    const options: AssemblerOptions = {
      maxMessageSize: this.context.maxMessageSize,
      isPublisher: type === "PUB" || type === "XPUB",
      ping: (ttl, context) => {
        const pong = this.command("PONG", context);
        if (pong !== undefined) host.reply(pong);
        pulse.expect(ttl);
      },
    };
    return new Assembler(options);
  }

  /** Says that an answer is wanted, and that we may be given up after so many milliseconds without a word. */
  #ping(ttl: number): Uint8Array | undefined {
    // In tenths of a second, of which libzmq makes something else above 655.
    const tenths = Math.min(Math.ceil(ttl / 100), 655);
    return this.command("PING", new Uint8Array([tenths >> 8, tenths]));
  }
}

/** On a byte stream, or within this program. */
class StreamSession extends FramesSession {
  readonly encoder: Encoder;
  readonly greeting: StreamGreeting;
  readonly #mechanism: Mechanism;

  constructor(settings: WireSettings, context: WireContext) {
    super(settings, context);
    this.encoder = context.connection.framing === "message" ? APART : STREAM;
    const security = settings.security(context);
    this.#mechanism = security.mechanism;
    this.greeting = new StreamGreeting(settings.type, security);
  }

  decoder(host: SessionHost): Decoder {
    // What a mechanism has opened is nobody else's.
    const { lendsMemory } = this.context.connection;
    const isLent = lendsMemory === true && this.#mechanism.secure === undefined;
    return new FramesDecoder(this.assembler(host), isLent);
  }

  get secure(): Session["secure"] {
    const mechanism = this.#mechanism;
    if (mechanism.secure === undefined) return undefined;
    const { maxMessageSize } = this.context;
    return (connection: Connection, first) =>
      mechanism.secure!(connection, first, Math.max(maxMessageSize, LONGEST_COMMAND));
  }

  protected command(name: string, data: Uint8Array): Uint8Array {
    return encodeFrame(COMMAND, encodeCommand(name, data));
  }

  protected subscription(isSubscribe: boolean, prefix: Uint8Array, asData: boolean): Uint8Array {
    return asData || !this.greeting.takesCommands
      ? encodeFrame(0, said(isSubscribe, prefix))
      : this.command(isSubscribe ? "SUBSCRIBE" : "CANCEL", prefix);
  }
}

/** On a WebSocket: a frame is a message, there are no heartbeats but WebSocket's own, and subscriptions are data. */
class WebSocketSession extends FramesSession {
  readonly encoder: Encoder = WEB_SOCKET;
  readonly greeting: Greeting;

  constructor(settings: WireSettings, context: WireContext) {
    super(settings, context);
    const { subprotocol = "" } = context.connection;
    const [version, mechanism] = subprotocol.split("/");
    if (version !== "ZWS2.0") {
      const what = `The WebSocket subprotocol is "${subprotocol}"`;
      throw new SPError("EPROTO", `${what}, expected one that begins with "ZWS2.0"`);
    }
    this.greeting = mechanism === undefined
      ? new BareGreeting(settings.identity)
      : new WebSocketGreeting(settings.type, settings.security(context));
  }

  decoder(host: SessionHost): Decoder {
    return new WebSocketDecoder(this.assembler(host));
  }

  protected command(): undefined {}

  protected subscription(isSubscribe: boolean, prefix: Uint8Array): Uint8Array {
    const data = said(isSubscribe, prefix);
    const message = new Uint8Array(1 + data.length);
    message.set(data, 1);
    return message;
  }
}

/** A subscription as data: 1 or 0, then the prefix. */
function said(isSubscribe: boolean, prefix: Uint8Array): Uint8Array {
  const data = new Uint8Array(1 + prefix.length);
  data[0] = isSubscribe ? 1 : 0;
  data.set(prefix, 1);
  return data;
}

function sizeOf(message: object): number {
  return sizeOfFrames(message as OutgoingFrames);
}
