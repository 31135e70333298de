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
import type { Arrived, Frames } from "../messages.ts";
import { defined, receiveOptions, sendOptions, socketOptions, textOf } from "../options.ts";
import { type Conversation, type Maker, prefixes, type Wait } from "../sockets.ts";

/** What sockets of this wire send with. */
interface Sends {
  send(message: readonly Uint8Array[], wait?: Wait): Promise<void>;
}

/** What they receive with. */
interface Receives {
  receiveBatch(wait?: Wait): Promise<Uint8Array<ArrayBuffer>[][]>;
}

const arrived = (frames: Frames): Arrived => ({ frames });

function sending(socket: Sends): Pick<Conversation, "send"> {
  return { send: (message, wait) => socket.send(message, wait) };
}

function receiving(socket: Receives): Pick<Conversation, "receive"> {
  return { receive: async (wait) => (await socket.receiveBatch(wait)).map(arrived) };
}

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
  push: (flags) => {
    const socket = new Push(outward(flags));
    return { socket, ...sending(socket) };
  },
  pull: (flags) => {
    const socket = new Pull(inward(flags));
    return { socket, ...receiving(socket) };
  },
  pub: (flags) => {
    const socket = new Pub({ ...outward(flags), ...overflow(flags) });
    return {
      socket,
      ...sending(socket),
      audience: (count, wait) => socket.subscribers(count, wait),
    };
  },
  sub: (flags) => {
    const socket = new Sub({ ...inward(flags), subscribe: prefixes(flags) });
    return { socket, ...receiving(socket) };
  },
  xpub: (flags) => {
    const socket = new XPub({ ...both(flags), ...overflow(flags) });
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  xsub: (flags) => {
    const socket = new XSub(both(flags));
    for (const prefix of flags.all("subscribe")) socket.send(`\x01${prefix}`);
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  req: (flags) => {
    const socket = new Req(both(flags));
    return {
      socket,
      request: async (message, wait) => arrived(await socket.request(message, wait)),
    };
  },
  rep: (flags) => {
    const socket = new Rep(both(flags));
    return {
      socket,
      serve: (handler, options) =>
        socket.serve(async (frames, { peer }) => {
          const answer = await handler({ frames, peer: peer.remoteAddress });
          return answer && [...answer];
        }, options),
    };
  },
  dealer: (flags) => {
    const socket = new Dealer({ ...both(flags), ...routingId(flags) });
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  router: (flags) => {
    // A message that nobody gets is to be told.
    const socket = new Router({ ...both(flags), ...routingId(flags), mandatory: true });
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  pair: (flags) => {
    const socket = new Pair(both(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
};
