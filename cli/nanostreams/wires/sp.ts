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
import { type Conversation, commonOptions, type Maker, type Wait } from "../sockets.ts";

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
  req: (flags) => {
    const socket = new Req(commonOptions(flags));
    return {
      socket,
      request: async (message, wait) => arrived(await socket.request(one(message), wait)),
    };
  },
  rep: (flags) => {
    const socket = new Rep(commonOptions(flags));
    return { socket, ...serving(socket) };
  },
  surveyor: (flags) => {
    const socket = new Surveyor(commonOptions(flags));
    return {
      socket,
      survey: async function* (message, options) {
        for await (const answer of socket.survey(one(message), options)) yield arrived(answer);
      },
    };
  },
  respondent: (flags) => {
    const socket = new Respondent(commonOptions(flags));
    return { socket, ...serving(socket) };
  },
  bus: (flags) => {
    const socket = new Bus(commonOptions(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  pair: (flags) => {
    const socket = new Pair(commonOptions(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
  pair1: (flags) => {
    const socket = new Pair1(commonOptions(flags));
    return { socket, ...sending(socket), ...receiving(socket) };
  },
};
