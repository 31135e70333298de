/* ZeroMQ's sockets. */
import {
  Dealer,
  Pair,
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
import type { Flags } from "../invocation.ts";
import type { Frames } from "../messages.ts";
import { defined, receiveOptions, sendOptions, socketOptions, textOf } from "../options.ts";
import { type Conversation, type Maker, prefixes } from "../sockets.ts";
import { Faces } from "./faces.ts";

const faces = new Faces<Frames, Frames>((frames) => frames, (frames) => frames);

/** Who is trusted, and by what. */
export function securityOptions(flags: Flags): object {
  const username = flags.text("username");
  const password = textOf(flags, "password")?.trimEnd();
  const secretKey = textOf(flags, "curve-key")?.trim();
  const serverKey = flags.text("curve-server");
  const plain = defined({ username, password });
  const curve = defined({ secretKey, serverKey });
  return {
    ...(Object.keys(plain).length > 0 && { plain }),
    ...(Object.keys(curve).length > 0 && { curve: { ...curve, server: serverKey === undefined } }),
  };
}

/** Options of sockets that only send. */
const outward = (flags: Flags): object => ({
  ...socketOptions(flags),
  ...securityOptions(flags),
  ...sendOptions(flags),
});
/** Options of sockets that only receive. */
const inward = (flags: Flags): object => ({
  ...socketOptions(flags),
  ...securityOptions(flags),
  ...receiveOptions(flags),
});
/** Options of sockets that do both. */
const both = (flags: Flags): object => ({ ...outward(flags), ...receiveOptions(flags) });

const overflow = (flags: Flags): object => defined({ overflow: flags.text("overflow") });
const routingId = (flags: Flags): object => defined({ routingId: flags.text("routing-id") });

/** How each is made. */
export const MAKERS: Readonly<Record<string, Maker>> = {
  push: (flags) => faces.sends(new Push(outward(flags))),
  pull: (flags) => faces.receives(new Pull(inward(flags))),
  pub: (flags) => {
    const socket = new Pub({ ...outward(flags), ...overflow(flags) });
    const audience: Conversation["audience"] = (count, wait) => socket.subscribers(count, wait);
    return { ...faces.sends(socket), audience };
  },
  sub: (flags) => faces.receives(new Sub({ ...inward(flags), subscribe: prefixes(flags) })),
  xpub: (flags) => faces.converses(new XPub({ ...both(flags), ...overflow(flags) })),
  xsub: (flags) => {
    const socket = new XSub(both(flags));
    for (const prefix of flags.all("subscribe")) socket.send(`\x01${prefix}`);
    return faces.converses(socket);
  },
  req: (flags) => faces.asks(new Req(both(flags))),
  rep: (flags) => faces.answers(new Rep(both(flags))),
  dealer: (flags) => faces.converses(new Dealer({ ...both(flags), ...routingId(flags) })),
  // A message that nobody gets is to be told.
  router: (flags) =>
    faces.converses(new Router({ ...both(flags), ...routingId(flags), mandatory: true })),
  pair: (flags) => faces.converses(new Pair(both(flags))),
};
