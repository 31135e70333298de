// Instead of src/stream_connection.ts: streams are attached by the modules, not by the one file.
import type { ByteDuplex } from "../../src/stream_connection.ts";
import { SPError } from "../../src/errors.ts";

export class StreamConnection {
  constructor(_streams: ByteDuplex) {
    throw new SPError("ENOTSUP", "Cannot attach streams: this file has no part for it");
  }
}
