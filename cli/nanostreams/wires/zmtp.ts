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
import { type Conversation, commonOptions, type Maker, type Wait } from "../sockets.ts";

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

function prefixes(flags: Flags): string[] {
  const given = flags.all("subscribe");
  return given.length > 0 ? [...given] : [""];
}

/** How each is made. */
export const MAKERS: Readonly<Record<string, Maker>> = {
  push: (flags) => {
    const socket = new Push(commonOptions(flags));
    return { socket, ...sending(socket) };
  },
  pull: (flags) => {
    const socket = new Pull(commonOptions(flags));
    return { socket, ...receiving(socket) };
  },
  pub: (flags) => {
    const socket = new Pub(commonOptions(flags));
    return { socket, ...sending(socket) };
  },
  sub: (flags) => {
    const socket = new Sub({ ...commonOptions(flags), subscribe: prefixes(flags) });
    return { socket, ...receiving(socket) };
  },
  xpub: (flags) => {
    const socket = new XPub(commonOptions(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  xsub: (flags) => {
    const socket = new XSub(commonOptions(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  req: (flags) => {
    const socket = new Req(commonOptions(flags));
    return {
      socket,
      request: async (message, wait) => arrived(await socket.request(message, wait)),
    };
  },
  rep: (flags) => {
    const socket = new Rep(commonOptions(flags));
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
    const socket = new Dealer(commonOptions(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  router: (flags) => {
    const socket = new Router(commonOptions(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  pair: (flags) => {
    const socket = new Pair(commonOptions(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
};
