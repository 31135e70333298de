import type { Codec, Format } from "./format.ts";
import { ColumnCodec } from "./lib/column_codec.ts";

/** `tsv`: columns with tabs. */
export const tsv: Format = {
  name: "tsv",
  open: (options): Codec => new ColumnCodec(options, "\t"),
};
