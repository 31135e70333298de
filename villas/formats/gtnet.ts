import type { Codec, Format } from "./format.ts";
import { RawCodec } from "./lib/raw_codec.ts";

/** `gtnet`: as `raw`, but big-endian, for RTDS's GTNET cards. */
export const gtnet: Format = {
  name: "gtnet",
  binary: true,
  open: (options): Codec => new RawCodec(options, "big"),
};
