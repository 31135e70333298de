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
import { defined, receiveOptions, sendOptions, socketOptions } from "../options.ts";
import { type Maker, prefixes } from "../sockets.ts";
import { Faces } from "./faces.ts";

const faces = new Faces<Uint8Array, Uint8Array<ArrayBuffer>>(
  ([frame]) => frame!,
  (message) => [message],
);

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
  push: (flags) => faces.sends(new Push(outward(flags))),
  pull: (flags) => faces.receives(new Pull(inward(flags))),
  pub: (flags) => faces.sends(new Pub({ ...outward(flags), ...overflow(flags) })),
  sub: (flags) => faces.receives(new Sub({ ...inward(flags), subscribe: prefixes(flags) })),
  req: (flags) => {
    const attempts = flags.number("attempts");
    const resendInterval = flags.number("resend");
    return faces.asks(new Req({ ...both(flags), ...defined({ attempts, resendInterval }) }));
  },
  rep: (flags) => faces.answers(new Rep({ ...both(flags), ...ttl(flags) })),
  surveyor: (flags) => {
    // Behind a device all respondents are one peer.
    const socket = new Surveyor({ ...both(flags), responsesPerPeer: Infinity });
    return {
      socket,
      survey: async function* ([survey], options) {
        for await (const { message, peer } of socket.responses(survey!, options)) {
          yield { frames: [message], peer: peer.remoteAddress };
        }
      },
    };
  },
  respondent: (flags) => faces.answers(new Respondent({ ...both(flags), ...ttl(flags) })),
  bus: (flags) => faces.converses(new Bus({ ...both(flags), ...overflow(flags) })),
  pair: (flags) => faces.converses(new Pair(both(flags))),
  pair1: (flags) => faces.converses(new Pair1({ ...both(flags), ...ttl(flags) })),
};
