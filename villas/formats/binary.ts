import type { Codec, Format } from "./format.ts";
import { BinaryCodec } from "./lib/binary_codec.ts";

/** `villas.binary`: floats and integers of 32 bits, in network byte order. */
export const binary: Format = {
  name: "villas.binary",
  binary: true,
  open: (options): Codec => new BinaryCodec(options, false),
};
