import {
  Bus,
  device,
  type DuplexSocket,
  Pair,
  Pair1,
  Pub,
  Pull,
  Push,
  RawSocket,
  type Receiver,
  Rep,
  Req,
  type ReqOptions,
  Respondent,
  type Sender,
  Sink,
  type Socket,
  type SocketOptions,
  Source,
  Sub,
  Surveyor,
} from "../../mod.ts";
import * as ids from "../../patterns/protocols.ts";
import { Exchanges, listen, say } from "./exchanges.ts";
import type { Judge, LaneOptions } from "./judge.ts";
import { TOPICS } from "./messages.ts";
import type { Security } from "./place.ts";

/** A socket that is attacked. */
export interface Exposed {
  /** `REP`, `front of a device, raw REP` */
  readonly name: string;
  readonly socket: Socket;
  readonly id: {
    readonly name: string;
    readonly number: number;
    readonly peerName: string;
    readonly peerNumber: number;
  };
  readonly security?: Security;
}

/** Sockets that are attacked, and their good peers. */
export interface Stand {
  readonly name: string;
  readonly exposed: readonly Exposed[];
  /** Who has which good peer: the first binds. */
  readonly links: readonly (readonly [attacked: Socket, good: Socket])[];
  /** One exchange with the good peer; rejects if it takes too long. Left out where only bad peers come. */
  readonly round?: (() => Promise<void>) | undefined;
  /** Whether an exchange may be taken up by a bad peer, so that its time says nothing. */
  readonly isShared?: boolean;
  /** Whether the time of an exchange says something; default true. */
  readonly isTimed?: boolean;
}

/** Every pattern, cooked and raw. */
export function makeStands(judge: Judge, options: SocketOptions): Stand[] {
  const stands = new Stands(judge);
  // Attacked sockets send to their good peers first, so that none of it goes to a bad one.
  const attacked = { ...options, sendPriority: 2 };

  stands.flow("PULL", new Push(), new Pull(attacked), ids.PULL, "in");
  stands.flow("PUSH", new Push(attacked), new Pull(), ids.PUSH, "out");
  stands.flow("SINK", new Source(), new Sink(attacked), ids.SINK, "in");
  stands.flow("SOURCE", new Source(attacked), new Sink(), ids.SOURCE, "out");
  stands.flow("SUB", new Pub(), subscriber(judge, attacked), ids.SUB, "in");
  stands.flow("PUB", new Pub(attacked), new Sub({ subscribe: "" }), ids.PUB, "out");
  stands.flow("PUSH to all", new Push(options), new Pull(), ids.PUSH, "out", { isShared: true });
  stands.both("BUS", new Bus(attacked), new Bus(), ids.BUS, true);
  stands.both("PAIR", new Pair(attacked), new Pair(), ids.PAIR, false);
  stands.both("PAIR1", new Pair1(attacked), new Pair1(), ids.PAIR1, false);
  stands.alone("PAIR, free", new Pair(attacked), ids.PAIR);
  stands.alone("PAIR1, free", new Pair1(attacked), ids.PAIR1);
  stands.asked("REP", new Rep(attacked), new Req(), ids.REP);
  stands.asking("REQ", attacked, ids.REQ);
  stands.asking("REQ to all", { ...options, resendInterval: 100 }, ids.REQ, {
    isAnsweredByAll: true,
  });
  stands.surveyed("RESPONDENT", new Respondent(attacked), new Surveyor());
  stands.surveying("SURVEYOR", new Surveyor(attacked), new Respondent());
  stands.devices(attacked);
  return stands.all;
}

function subscriber(judge: Judge, options: SocketOptions): Sub {
  return new Sub({ ...options, subscribe: [judge.key, ...TOPICS] });
}

type Raw =
  | "pull"
  | "push"
  | "sink"
  | "source"
  | "sub"
  | "pub"
  | "rep"
  | "req"
  | "respondent"
  | "surveyor"
  | "bus"
  | "pair"
  | "pair1";

class Stands {
  readonly all: Stand[] = [];
  readonly #judge: Judge;
  readonly #exchanges: Exchanges;

  constructor(judge: Judge) {
    this.#judge = judge;
    this.#exchanges = new Exchanges(judge);
  }

  /** One way: `in` to the attacked socket, or `out` of it. */
  flow(
    name: string,
    from: Socket & Sender,
    to: Socket & Receiver,
    id: Exposed["id"],
    way: "in" | "out",
    options: LaneOptions = {},
  ): void {
    const lane = this.#judge.lane(name, { isOpen: way === "in", ...options });
    const [socket, good] = way === "in" ? [to, from] : [from, to];
    listen(to, lane, this.all.length);
    this.all.push({
      name,
      exposed: [{ name, socket, id }],
      links: [[socket, good]],
      round: () => say(from, lane, options.isShared),
      ...(options.isShared && { isShared: true }),
    });
  }

  /** Both ways; bad peers are heard only where several have a place. */
  both(
    name: string,
    socket: DuplexSocket,
    good: DuplexSocket,
    id: Exposed["id"],
    isOpen: boolean,
  ): void {
    this.all.push({
      name,
      exposed: [{ name, socket, id }],
      links: [[socket, good]],
      round: this.#exchanges.exchange(name, socket, good, isOpen),
    });
  }

  /** Only bad peers, who are answered with what they said. */
  alone(name: string, socket: DuplexSocket, id: Exposed["id"]): void {
    const lane = this.#judge.lane(name, { isOpen: true });
    listen(socket, lane, this.all.length, (message) => socket.send(message, { timeout: 50 }));
    this.all.push({ name, exposed: [{ name, socket, id }], links: [] });
  }

  asked(name: string, socket: Rep, good: Req, id: Exposed["id"]): void {
    const round = this.#exchanges.questions(name, good, socket, { isOpen: true });
    this.all.push({ name, exposed: [{ name, socket, id }], links: [[socket, good]], round });
  }

  asking(name: string, options: ReqOptions, id: Exposed["id"], lane: LaneOptions = {}): void {
    const [socket, good] = [new Req(options), new Rep()];
    const round = this.#exchanges.questions(name, socket, good, lane);
    const isShared = lane.isAnsweredByAll === true;
    const exposed = [{ name, socket, id }];
    this.all.push({ name, exposed, links: [[socket, good]], round, isShared });
  }

  surveyed(name: string, socket: Respondent, good: Surveyor): void {
    const round = this.#exchanges.surveys(name, good, socket, { isOpen: true });
    const exposed = [{ name, socket, id: ids.RESPONDENT }];
    this.all.push({ name, exposed, links: [[socket, good]], round });
  }

  surveying(name: string, socket: Surveyor, good: Respondent): void {
    const round = this.#exchanges.surveys(name, socket, good, { isAnsweredByAll: true });
    const exposed = [{ name, socket, id: ids.SURVEYOR }];
    this.all.push({ name, exposed, links: [[socket, good]], round });
  }

  /** Raw sockets, both ends of devices; the good peers are at either end. */
  devices(options: SocketOptions): void {
    const judge = this.#judge;
    const flow = (front: Raw, back: Raw, from: Socket & Sender, to: Socket & Receiver): void => {
      const name = `${from.stats().protocol} through a device`;
      const lane = judge.lane(name, { isOpen: true });
      listen(to, lane, this.all.length);
      this.#device(name, front, back, from, to, options, () => say(from, lane));
    };
    flow("pull", "push", new Push(), new Pull());
    flow("sink", "source", new Source(), new Sink());
    flow("sub", "pub", new Pub(), subscriber(judge, {}));
    const [req, rep] = [new Req(), new Rep()];
    const questions = this.#exchanges.questions("req through a device", req, rep, { isOpen: true });
    this.#device("req through a device", "rep", "req", req, rep, options, questions);
    const [surveyor, respondent] = [new Surveyor({ responsesPerPeer: Infinity }), new Respondent()];
    const surveys = this.#exchanges.surveys("surveyor through a device", surveyor, respondent, {
      isOpen: true,
      isAnsweredByAll: true,
    });
    this.#device(
      "surveyor through a device",
      "respondent",
      "surveyor",
      surveyor,
      respondent,
      options,
      surveys,
    );
    const both = (name: Raw, one: DuplexSocket, other: DuplexSocket, isOpen: boolean): void => {
      const title = `${name} through a device`;
      this.#device(
        title,
        name,
        name,
        one,
        other,
        options,
        this.#exchanges.exchange(title, one, other, isOpen),
      );
    };
    both("bus", new Bus(), new Bus(), true);
    both("pair", new Pair(), new Pair(), false);
    both("pair1", new Pair1(), new Pair1(), false);
    for (const name of ["pair", "pair1"] as const) {
      const socket = new RawSocket(name, options);
      this.#exchanges.run(`${name} reflected`, device(socket).stopped);
      const title = `raw ${name}, reflected`;
      this.all.push({
        name: title,
        exposed: [{ name: title, socket, id: socket.protocol }],
        links: [],
      });
    }
  }

  #device(
    name: string,
    front: Raw,
    back: Raw,
    one: Socket,
    other: Socket,
    options: SocketOptions,
    round: () => Promise<void>,
  ): void {
    const [left, right] = [new RawSocket(front, options), new RawSocket(back, options)];
    this.#exchanges.run(name, device(left, right).stopped);
    this.all.push({
      name,
      exposed: [[left, "front"] as const, [right, "back"] as const].map(([socket, side]) => ({
        name: `${name}, raw ${socket.protocol.name}, ${side}`,
        socket,
        id: socket.protocol,
      })),
      links: [[left, one], [right, other]],
      round,
    });
  }
}
