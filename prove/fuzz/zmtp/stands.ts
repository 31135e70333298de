import type { Socket, SocketOptions } from "../../../mod.ts";
import {
  Dealer,
  Pair,
  proxy,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Router,
  Sub,
  XPub,
  XSub,
} from "../../../zmtp/mod.ts";
import type { Judge } from "../judge.ts";
import { TOPICS } from "../messages.ts";
import { LARGEST, type Scheme, type Security } from "../place.ts";
import type { Exposed, Stand } from "../stands.ts";
import { type Listener, type Round, type Speaker, ZmtpExchanges } from "./exchanges.ts";
import { SECURITY } from "./security.ts";

/** Every socket type, and proxies. */
export function makeStands(judge: Judge, options: SocketOptions, scheme: Scheme): Stand[] {
  const stands = new Stands(judge);
  // Attacked sockets send to their good peers first, so that none of it goes to a bad one.
  const attacked = { ...options, sendPriority: 2 };

  stands.flow("PULL", "in", new Push(), new Pull(attacked));
  stands.flow("PUSH", "out", new Push(attacked), new Pull());
  stands.flow("PUSH to all", "out", new Push(options), new Pull(), true);
  stands.published("SUB", "in", new Pub(), attacked);
  stands.published("PUB", "out", new Pub(attacked), {});
  stands.publisher(attacked);
  stands.subscriber(attacked);
  stands.both("PAIR", new Pair(attacked), new Pair(), false);
  stands.both("DEALER", new Dealer(attacked), new Dealer(), true);
  stands.alone(attacked);
  stands.router("ROUTER", new Router(attacked));
  stands.router("ROUTER, mandatory", new Router({ ...attacked, mandatory: true, handover: false }));
  stands.asked(attacked);
  stands.asking("REQ", new Req(attacked), false);
  stands.asking("REQ, correlate", new Req({ ...attacked, correlate: true }), false);
  // Without numbers, a request that is given up costs its connection.
  stands.asking("REQ to all", new Req({ ...options, correlate: true }), true);
  stands.queue(attacked);
  stands.forwarder(attacked);
  // On WebSockets the subprotocol says the mechanism, and there is none for CURVE.
  if (scheme !== "ws") stands.secured(attacked);
  return stands.all;
}

class Stands {
  readonly all: Stand[] = [];
  readonly #judge: Judge;
  readonly #exchanges: ZmtpExchanges;

  constructor(judge: Judge) {
    this.#judge = judge;
    this.#exchanges = new ZmtpExchanges(judge);
  }

  /** One way: `in` to the attacked socket, or `out` of it. */
  flow(
    name: string,
    way: "in" | "out",
    from: Socket & Speaker,
    to: Socket & Listener,
    isShared = false,
  ): void {
    const [socket, good] = way === "in" ? [to, from] : [from, to];
    const round = this.#exchanges.flow(name, from, to, { isOpen: way === "in", isShared });
    this.#add(name, socket, good, round, isShared);
  }

  /** From a PUB to a SUB, one of which is attacked. */
  published(name: string, way: "in" | "out", pub: Pub, options: SocketOptions): void {
    const sub = new Sub({ ...options, subscribe: [this.#judge.key, ...TOPICS] });
    this.flow(name, way, pub, sub);
    this.#onceSubscribed(pub);
  }

  /** An XPUB hands subscriptions out, and whatever else its peers send. */
  publisher(options: SocketOptions): void {
    const [xpub, xsub] = [new XPub(options), new XSub()];
    const said = new Promise<void>((resolve) =>
      this.#exchanges.listen(xpub, ([first]) => {
        if (first![0] === 1 && first![1] === this.#judge.key[0]) resolve();
      })
    );
    this.#subscribe(xsub, Uint8Array.of(1, ...this.#judge.key));
    this.flow("XPUB", "out", xpub, xsub);
    this.#once(said);
  }

  /** An XSUB subscribes by messages. */
  subscriber(options: SocketOptions): void {
    const xsub = new XSub(options);
    this.#subscribe(xsub, Uint8Array.of(1, ...this.#judge.key));
    for (const topic of TOPICS) this.#subscribe(xsub, `\x01${topic}`);
    const pub = new Pub();
    this.flow("XSUB", "in", pub, xsub);
    this.#onceSubscribed(pub);
  }

  /** Both ways; bad peers are heard only where several have a place. */
  both(
    name: string,
    socket: Socket & Speaker & Listener,
    good: Socket & Speaker & Listener,
    isOpen: boolean,
  ): void {
    const there = this.#exchanges.flow(name, socket, good, { isOpen });
    const back = this.#exchanges.flow(name, good, socket, { isOpen });
    this.#add(name, socket, good, async () => void await Promise.all([there(), back()]));
  }

  /** Only bad peers, who are answered with what they said. */
  alone(options: SocketOptions): void {
    const socket = new Pair(options);
    this.#exchanges.listen(
      socket,
      (frames) => socket.send(frames, { timeout: 50 }).catch(() => {}),
    );
    this.all.push({
      name: "PAIR, free",
      exposed: [exposed("PAIR, free", socket)],
      links: [],
    });
  }

  router(name: string, router: Router): void {
    const dealer = new Dealer();
    this.#add(name, router, dealer, this.#exchanges.echo(name, dealer, router, { isOpen: true }));
  }

  asked(options: SocketOptions): void {
    const [rep, req] = [new Rep(options), new Req()];
    this.#add("REP", rep, req, this.#exchanges.questions("REP", req, rep, { isOpen: true }));
  }

  asking(name: string, req: Req, isAnsweredByAll: boolean): void {
    const rep = new Rep();
    const round = this.#exchanges.questions(name, req, rep, { isAnsweredByAll });
    this.#add(name, req, rep, round, isAnsweredByAll);
  }

  /** Requests through a proxy, which is attacked at both ends. */
  queue(options: SocketOptions): void {
    const name = "REQ through a proxy";
    // A reply has its request's envelope, with the front's routing id, and a body of its own.
    const front = new Router(options);
    const back = new Dealer({ ...options, maxMessageSize: 2 * LARGEST });
    const [req, rep] = [new Req(), new Rep()];
    this.#exchanges.run(name, proxy(front, back).stopped);
    const round = this.#exchanges.questions(name, req, rep, { isOpen: true });
    this.#through(name, front, back, req, rep, round);
    // The mutator's requests stand before the good peer's in the one queue to the REP.
    this.all.push({ ...this.all.pop()!, isTimed: false });
  }

  /** Publications through a proxy. */
  forwarder(options: SocketOptions): void {
    const name = "PUB through a proxy";
    const [front, back] = [new XSub(options), new XPub(options)];
    const [pub, sub] = [new Pub(), new Sub({ subscribe: [this.#judge.key] })];
    this.#exchanges.run(name, proxy(front, back).stopped);
    const round = this.#exchanges.flow(name, pub, sub, { isOpen: true });
    this.#through(name, front, back, pub, sub, round);
    this.#onceSubscribed(pub);
  }

  /** Has the last stand begin once the good peer's subscription has come: what is published before is lost. */
  #onceSubscribed(pub: Pub): void {
    this.#once(pub.subscribed(this.#judge.key));
  }

  #once(begins: Promise<void>): void {
    const stand = this.all.pop()!;
    this.all.push({ ...stand, round: () => begins.then(stand.round) });
  }

  /** The mechanisms besides NULL, on either side. */
  secured(options: SocketOptions): void {
    for (const mechanism of ["PLAIN", "CURVE"] as const) {
      const { client, server } = SECURITY[mechanism];
      for (const side of ["client", "server"] as const) {
        const [ours, theirs] = side === "client" ? [client, server] : [server, client];
        const pull = new Pull({ ...options, ...ours });
        this.flow(`PULL, ${mechanism} ${side}`, "in", new Push(theirs), pull);
        this.#secure({ mechanism, side });
      }
    }
  }

  /** Tells the mutator of the last stand's mechanism. */
  #secure(security: Security): void {
    const stand = this.all.pop()!;
    const exposed = stand.exposed.map((one) => ({ ...one, security }));
    this.all.push({ ...stand, exposed });
  }

  #through(
    name: string,
    front: Socket,
    back: Socket,
    one: Socket,
    other: Socket,
    round: Round,
  ): void {
    this.all.push({
      name,
      exposed: [exposed(`${name}, front`, front), exposed(`${name}, back`, back)],
      links: [[front, one], [back, other]],
      round,
    });
  }

  #subscribe(xsub: XSub, message: Uint8Array | string): void {
    this.#exchanges.run("XSUB", xsub.send(message));
  }

  #add(name: string, socket: Socket, good: Socket, round: Round, isShared = false): void {
    this.all.push({
      name,
      exposed: [exposed(name, socket)],
      links: [[socket, good]],
      round,
      isShared,
    });
  }
}

/** Peers of several types may come: the mutator says that it is one of them. */
function exposed(name: string, socket: Socket): Exposed {
  const { protocol } = socket.stats();
  return {
    name,
    socket,
    id: { name: protocol.toUpperCase(), number: 0, peerName: "", peerNumber: 0 },
  };
}
