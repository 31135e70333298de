/* nanomsg's sockets. */
import {
  Bus,
  Pair,
  Pair1,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Respondent,
  Sub,
  Surveyor,
} from "../../../mod.ts";
import type { Flags } from "../invocation.ts";
import type { Arrived, Frames } from "../messages.ts";
import { defined, receiveOptions, sendOptions, socketOptions } from "../options.ts";
import { type Conversation, type Maker, prefixes, type Wait } from "../sockets.ts";

/** What sockets of this wire send with. */
interface Sends {
  send(message: Uint8Array, wait?: Wait): Promise<void>;
}

/** What they receive with. */
interface Receives {
  receiveBatch(wait?: Wait): Promise<Uint8Array<ArrayBuffer>[]>;
}

/** What they answer with. */
type Serves = Pick<Rep, "serve">;

const one = ([frame]: Frames): Uint8Array => frame!;
const arrived = (message: Uint8Array): Arrived => ({ frames: [message] });

function sending(socket: Sends): Pick<Conversation, "send"> {
  return { send: (message, wait) => socket.send(one(message), wait) };
}

function receiving(socket: Receives): Pick<Conversation, "receive"> {
  return { receive: async (wait) => (await socket.receiveBatch(wait)).map(arrived) };
}

function serving(socket: Serves): Pick<Conversation, "serve"> {
  return {
    serve: (handler, options) =>
      socket.serve(async (message, { peer }) => {
        const answer = await handler({ frames: [message], peer: peer.remoteAddress });
        return answer && one(answer);
      }, options),
  };
}

/** Options of sockets that only send. */
const outward = (flags: Flags): object => ({ ...socketOptions(flags), ...sendOptions(flags) });
/** Options of sockets that only receive. */
const inward = (flags: Flags): object => ({ ...socketOptions(flags), ...receiveOptions(flags) });
/** Options of sockets that do both. */
const both = (flags: Flags): object => ({ ...outward(flags), ...receiveOptions(flags) });

const overflow = (flags: Flags): object => defined({ overflow: flags.text("overflow") });
const ttl = (flags: Flags): object => defined({ ttl: flags.number("ttl") });

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
    return { socket, ...sending(socket) };
  },
  sub: (flags) => {
    const socket = new Sub({ ...inward(flags), subscribe: prefixes(flags) });
    return { socket, ...receiving(socket) };
  },
  req: (flags) => {
    const attempts = flags.number("attempts");
    const resendInterval = flags.number("resend");
    const socket = new Req({ ...both(flags), ...defined({ attempts, resendInterval }) });
    return {
      socket,
      request: async (message, wait) => arrived(await socket.request(one(message), wait)),
    };
  },
  rep: (flags) => {
    const socket = new Rep({ ...both(flags), ...ttl(flags) });
    return { socket, ...serving(socket) };
  },
  surveyor: (flags) => {
    // Behind a device all respondents are one peer.
    const socket = new Surveyor({ ...both(flags), responsesPerPeer: Infinity });
    return {
      socket,
      survey: async function* (message, options) {
        for await (const { message: frame, peer } of socket.responses(one(message), options)) {
          yield { frames: [frame], peer: peer.remoteAddress };
        }
      },
    };
  },
  respondent: (flags) => {
    const socket = new Respondent({ ...both(flags), ...ttl(flags) });
    return { socket, ...serving(socket) };
  },
  bus: (flags) => {
    const socket = new Bus({ ...both(flags), ...overflow(flags) });
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  pair: (flags) => {
    const socket = new Pair(both(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  pair1: (flags) => {
    const socket = new Pair1({ ...both(flags), ...ttl(flags) });
    return { socket, ...sending(socket), ...receiving(socket) };
  },
};
