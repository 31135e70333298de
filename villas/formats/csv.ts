import type { Codec, Format } from "./format.ts";
import { ColumnCodec } from "./lib/column_codec.ts";

/** `csv`: columns with commas. */
export const csv: Format = {
  name: "csv",
  open: (options): Codec => new ColumnCodec(options, ","),
};
