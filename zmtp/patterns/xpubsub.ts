import { oneOf } from "../../src/base/rules.ts";
import type { TransformController } from "../../src/contracts/transformer.ts";
import { type MessageLike, toBytes } from "../../src/memory/message.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { Broadcast, type Router } from "../../src/pipes/routing.ts";
import { DEFAULT_BROADCAST_BUFFER, DuplexSocket } from "../../src/socket/socket.ts";
import {
  checkZmtpOptions,
  ZMTP_RECEIVE_RULES,
  ZMTP_SEND_RULES,
  type ZmtpOptions,
  type ZmtpReceiveOptions,
  type ZmtpSendOptions,
} from "../options.ts";
import { MESSAGE } from "../../src/surface/message_rule.ts";
import { coreOptions, zmtpProtocol } from "../protocol.ts";
import { frameList, type Frames, type FramesLike, type OutgoingFrames } from "../wire/frames.ts";
import { Publisher } from "./publisher.ts";
import { PUBLISHER_RULES, type PubOptions } from "./pubsub.ts";
import { framesIn, framesOut, Teller } from "./queues.ts";
import { bytesOf, keyOf } from "./routing_ids.ts";

/** Options of {@linkcode XPub}. */
export interface XPubOptions extends PubOptions, ZmtpReceiveOptions {
  /**
   * Which subscriptions and cancellations are received. By default the first subscription to a prefix, over all peers, and the
   * cancellation of the last. `"allSubs"`: every subscription. `"allSubsUnsubs"`: every subscription, and every cancellation.
   */
  verbosity?: "allSubs" | "allSubsUnsubs";
  /** A message of one frame that is sent to each new peer, whatever it has subscribed to; default none. */
  welcome?: MessageLike;
}

/** Options of {@linkcode XSub}. */
export interface XSubOptions extends ZmtpOptions, ZmtpSendOptions, ZmtpReceiveOptions {}

/**
 * XPUB: a PUB that also receives the subscriptions of its peers (RFC 29). A subscription is a message of one frame: a byte 1, then the
 * prefix; a cancellation begins with a byte 0. When a peer leaves, its subscriptions are cancelled. Other messages of an XSUB are received
 * as they are.
 *
 * @example
 * ```ts
 * import { Sub, XPub } from "@nanostreams/nanostreams/zmtp";
 *
 * await using pub = new XPub();
 * await pub.bind("inproc://zmtp-xpub");
 * await using sub = new Sub({ subscribe: "weather" });
 * sub.connect("inproc://zmtp-xpub");
 * const [said] = await pub.receive();
 * console.log(said![0], new TextDecoder().decode(said!.subarray(1))); // 1 "weather"
 * await pub.send("weather: rain");
 * console.log((await sub.receive()).length); // 1
 * ```
 */
export class XPub extends DuplexSocket<FramesLike, Frames> {
  /**
   * Makes an XPUB socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: XPubOptions = {}) {
    checkZmtpOptions("xpub", options, PUBLISHER_RULES, ZMTP_RECEIVE_RULES, {
      verbosity: oneOf("allSubs", "allSubsUnsubs"),
      welcome: MESSAGE,
    });
    const { sendBuffer = DEFAULT_BROADCAST_BUFFER, verbosity, welcome } = options;
    const publisher = new Publisher(options);
    const receiveQueue = framesIn(options);
    const teller = new Teller();
    const sendQueue = framesOut(publisher, options, () => teller.waits(true));
    super({
      id: zmtpProtocol("XPUB", options),
      receiveQueue,
      sendQueue,
      opened: teller.opened,
      inbound: (pipe) => ({
        transform: (message: Frames, controller: TransformController<Frames>) => {
          const [first] = message as [Uint8Array<ArrayBuffer>];
          const change = publisher.take(pipe, first, controller as TransformController<never>);
          if (change === undefined) return controller.enqueue(message);
          if (message.length > 1) pipe.drop("unwanted");
          // What waits for this peer may have been for nobody else.
          if (first[0] === 0) sendQueue.pump();
          const { before, after } = change;
          const isTold = first[0] === 1
            ? after > 0 && (verbosity !== undefined || before === 0)
            : verbosity === "allSubsUnsubs" || before > 0 && after === 0;
          if (isTold) controller.enqueue([first]);
        },
      }),
      attach: (pipe) => {
        if (welcome !== undefined) pipe.send(new Uint8Array(toBytes(welcome)));
      },
      detach: (pipe) => {
        const ends = publisher.of(pipe, verbosity === "allSubsUnsubs" ? "all" : "only its");
        // What is said for a peer that has left is no pipe's.
        const farewells = receiveQueue.open({ ...NO_PIPE, peer: pipe.peer });
        for (const key of ends) farewells.enqueue([bytesOf(`\0${key}`)]);
      },
      close: (reason) => publisher.close(reason),
    }, { ...coreOptions(options), sendBuffer });
  }
}

/** Where messages come from that no peer has sent. */
const NO_PIPE = {
  receivePriority: 8,
  full: false,
  resume: (): void => {},
  error: (): void => {},
  drop: (): void => {},
};

/**
 * XSUB: a SUB that subscribes by sending messages (RFC 29): a byte 1, then the prefix, subscribes; a byte 0, then the prefix, cancels.
 * Subscriptions are counted, as a SUB's are. Other messages go to all publishers; an XPUB receives them. What publishers send is received
 * unfiltered.
 *
 * @example
 * ```ts
 * import { Pub, XSub } from "@nanostreams/nanostreams/zmtp";
 *
 * await using pub = new Pub();
 * await pub.bind("inproc://zmtp-xsub");
 * await using sub = new XSub();
 * sub.connect("inproc://zmtp-xsub");
 * await sub.send("\x01weather");
 * await pub.subscribed("weather");
 * await pub.send("weather: rain");
 * console.log((await sub.receive()).length); // 1
 * ```
 */
export class XSub extends DuplexSocket<FramesLike, Frames> {
  /**
   * Makes an XSUB socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: XSubOptions = {}) {
    checkZmtpOptions("xsub", options, ZMTP_SEND_RULES, ZMTP_RECEIVE_RULES);
    const sendQueue = framesOut(new Subscriptions(), options);
    const id = zmtpProtocol("XSUB", options);
    const { sendBuffer = DEFAULT_BROADCAST_BUFFER } = options;
    super({ id, receiveQueue: framesIn(options), sendQueue }, {
      ...coreOptions(options),
      sendBuffer,
    });
  }
}

/** Knows what was subscribed to, and tells every publisher; also those that come later. */
class Subscriptions implements Router<OutgoingFrames> {
  readonly #broadcast: Broadcast = new Broadcast("drop-oldest");
  /** How often each prefix was subscribed to. */
  readonly #counts: Map<string, { readonly prefix: Uint8Array; count: number }> = new Map();

  get pending(): number {
    return 0;
  }

  attach(pipe: Pipe): void {
    this.#broadcast.attach(pipe);
    for (const { prefix } of this.#counts.values()) say(pipe, 1, prefix);
  }

  detach(pipe: Pipe): void {
    this.#broadcast.detach(pipe);
  }

  ready(_pipe: Pipe): void {}

  send(message: OutgoingFrames): boolean {
    const frames = frameList(message);
    const first = frames[0]!;
    if (frames.length > 1 || first.length === 0 || first[0]! > 1) {
      return this.#broadcast.send(message);
    }
    const prefix = new Uint8Array(first.subarray(1));
    if (this.#isNews(first[0]!, prefix)) {
      for (const pipe of this.#broadcast.pipes) say(pipe, first[0]!, prefix);
    }
    return true;
  }

  /** Whether publishers are to be told: of every subscription, and of the end of the last one. */
  #isNews(said: number, prefix: Uint8Array): boolean {
    const key = keyOf(prefix);
    const known = this.#counts.get(key);
    if (said === 1) {
      if (known === undefined) this.#counts.set(key, { prefix, count: 1 });
      else known.count++;
      return known === undefined;
    }
    if (known === undefined || --known.count > 0) return false;
    return this.#counts.delete(key);
  }
}

/** As data, since proxies do so, whatever version the peer speaks. */
function say(pipe: Pipe, said: number, prefix: Uint8Array): void {
  pipe.say({ type: said === 1 ? "subscribe" : "cancel", prefix, asData: true });
}
