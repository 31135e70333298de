import type { Codec, Format } from "./format.ts";
import { RawCodec } from "./lib/raw_codec.ts";

/** `raw`: nothing but values, by default of 32 bits and little-endian. */
export const raw: Format = {
  name: "raw",
  binary: true,
  open: (options): Codec => new RawCodec(options, "little"),
};
