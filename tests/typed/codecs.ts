/** Codecs for tests of sockets that have one. */

import { type Codec, SPError } from "../../mod.ts";

/** Values as JSON; what is none is `undecodable`. */
export function json<T>(): Codec<T> {
  return {
    encode: (value) => {
      const text = JSON.stringify(value);
      if (text === undefined) throw new SPError("EINVAL", "Cannot encode nothing");
      return text;
    },
    decode: (message) => JSON.parse(new TextDecoder().decode(message)),
  };
}

/** What values may be that are easily mistaken for none: each is one byte. */
export const ODD: readonly unknown[] = [undefined, null, false, 0, "", NaN];

/** Carries the values of `ODD`. */
export const odd: Codec<unknown> = {
  encode: (value) => new Uint8Array([ODD.findIndex((one) => Object.is(one, value))]),
  decode: ([at]) => ODD[at!],
};

/** A codec in whose place something else is said: for peers that send what nobody can decode. */
export const text: Codec<string> = {
  encode: (value) => value,
  decode: (message) => new TextDecoder().decode(message),
};
