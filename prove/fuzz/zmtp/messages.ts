import { TOPICS } from "../messages.ts";
import { concat, type Mutations } from "../mutations.ts";
import { LARGEST, type Place } from "../place.ts";
import { commandBody, property, text } from "./bytes.ts";

const EMPTY = new Uint8Array(0);
const topics = TOPICS.map(text);

/** Who may be opposite. */
const PEERS: Readonly<Record<string, readonly string[]>> = {
  DEALER: ["REP", "DEALER", "ROUTER"],
  PAIR: ["PAIR"],
  PUB: ["SUB", "XSUB"],
  PULL: ["PUSH"],
  PUSH: ["PULL"],
  REP: ["REQ", "DEALER"],
  REQ: ["REP", "ROUTER"],
  ROUTER: ["REQ", "DEALER", "ROUTER"],
  SUB: ["PUB", "XPUB"],
  XPUB: ["SUB", "XSUB"],
  XSUB: ["PUB", "XPUB"],
};

/** Routing ids that many connections claim. */
const IDS = ["worker", "w", "\0own", "x".repeat(255)].map(text);

/** Whether what the socket has to hear are replies: they have to follow a request. */
export function repliesTo({ victim }: Place): boolean {
  return victim.name === "REQ";
}

/** Whether the socket only sends: any message to it breaks the protocol. */
export function onlySends({ victim }: Place): boolean {
  return victim.name === "PUSH";
}

/** What a peer says of itself: the right type, and an identity that others may have too; at times what it should not. */
export function metadataFor({ victim }: Place, mutations: Mutations): Uint8Array {
  const { random } = mutations;
  const type = random.pick(PEERS[victim.name] ?? ["PAIR"]);
  const properties = [property("Socket-Type", text(type))];
  if (["DEALER", "REQ", "ROUTER"].includes(type)) {
    const id = random.oneIn(3)
      ? random.pick(IDS)
      : mutations.noise(random.below(random.oneIn(10) ? 300 : 20));
    properties.push(property("Identity", random.oneIn(2) ? EMPTY : id));
  }
  if (!random.oneIn(8)) return concat(...properties);
  switch (random.below(7)) {
    case 0: // far too many
      for (let i = random.below(3000); i > 0; i--) properties.push(property(`X-${i}`, EMPTY));
      break;
    case 1:
      properties.push(property("X-Large", mutations.noise(random.below(70_000))));
      break;
    case 2: // names that objects have
      for (const name of ["__proto__", "constructor", "toString", "Identity", "identity"]) {
        properties.push(property(name, mutations.noise(random.below(10))));
      }
      break;
    case 3: // a length that is none
      properties.push(property("X", EMPTY, random.pick([1, 255, 2 ** 31, 2 ** 32 - 1])));
      break;
    case 4: // no type, or another one
      properties[0] = random.oneIn(2)
        ? EMPTY
        : property("Socket-Type", text(random.pick([...Object.keys(PEERS), "STREAM", ""])));
      break;
    case 5:
      properties.push(property("", EMPTY));
      break;
    default:
      return mutations.mutate(concat(...properties));
  }
  return concat(...properties);
}

/** The frames of a message such as the socket's peers send: most with what has to stand before the body. */
export function framesFor(
  { victim: { name } }: Place,
  mutations: Mutations,
  asked: readonly (readonly Uint8Array[])[],
): Uint8Array[] {
  const { random } = mutations;
  const count = random.oneIn(4) ? 1 + random.below(random.oneIn(20) ? 300 : 6) : 1;
  const body = Array.from(
    { length: count },
    (_, i) => mutations.noise(i === 0 ? mutations.length() : random.below(30)),
  );
  if (random.oneIn(25)) return body;
  switch (name) {
    case "REP":
    case "ROUTER":
    case "DEALER":
      return [...envelope(mutations), ...body];
    case "REQ":
      return asked.length > 0 && !random.oneIn(4)
        ? [...random.pick(asked), ...body]
        : [...envelope(mutations), ...body];
    case "SUB":
    case "XSUB":
      return [concat(random.pick(topics), body[0]!), ...body.slice(1)];
    case "PUB":
    case "XPUB":
      return [concat(Uint8Array.of(random.below(random.oneIn(10) ? 256 : 2)), prefix(mutations))];
    default:
      return body;
  }
}

/** Routing ids, and the empty frame behind them. */
function envelope(mutations: Mutations): Uint8Array[] {
  const { random } = mutations;
  const hops = random.oneIn(3) ? random.below(random.oneIn(10) ? 200 : 4) : 0;
  return [...Array.from({ length: hops }, () => mutations.noise(random.below(8))), EMPTY];
}

/** What is subscribed to: what is published at times, mostly what is not. */
function prefix(mutations: Mutations): Uint8Array {
  const { random } = mutations;
  if (random.oneIn(4)) return random.pick(topics);
  if (random.oneIn(30)) return mutations.noise(random.below(20_000));
  return mutations.noise(random.below(random.oneIn(2) ? 3 : 40));
}

/** The body of a command behind the handshake: one that means something, one that came before, one that nobody knows, or none. */
export function commandFor(mutations: Mutations): Uint8Array {
  const { random } = mutations;
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2: {
      const ttl = random.pick([0, 0, 0, 1, 600, 65_535]);
      const context = mutations.noise(random.oneIn(3) ? random.below(100) : random.below(17));
      return commandBody("PING", Uint8Array.of(ttl >> 8, ttl & 0xff), context);
    }
    case 3:
      return commandBody("PING", mutations.noise(random.below(2)));
    case 4:
      return commandBody("PONG", mutations.noise(random.below(20)));
    case 5:
    case 6:
      return commandBody(random.pick(["SUBSCRIBE", "CANCEL"]), prefix(mutations));
    case 7:
      return commandBody(
        random.pick(["JOIN", "LEAVE", "NOBODY-KNOWS"]),
        mutations.noise(random.below(40)),
      );
    case 8:
      return commandBody("ERROR", Uint8Array.of(random.below(4)), text("400"));
    case 9:
      return commandBody(
        random.pick(["READY", "HELLO", "MESSAGE"]),
        mutations.noise(random.below(60)),
      );
    case 10:
      return mutations.noise(random.below(30));
    default: // about as long as one may be
      return commandBody("SUBSCRIBE", mutations.noise(LARGEST - 12 + random.below(5)));
  }
}
