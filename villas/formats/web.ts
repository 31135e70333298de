import type { Codec, Format } from "./format.ts";
import { BinaryCodec } from "./lib/binary_codec.ts";

/** `villas.web`: as `villas.binary`, in little-endian byte order. */
export const web: Format = {
  name: "villas.web",
  binary: true,
  open: (options): Codec => new BinaryCodec(options, true),
};
