/** SP's encoders, by the bytes that they put before a message. */

import { ENCODERS } from "../../src/sp/encoder.ts";
import type { Encoder } from "../../src/contracts/wire.ts";

/** The one for tcp (8), ipc (9), or connections that keep messages apart (0). */
export function encoder(prefix: 0 | 8 | 9): Encoder {
  return ENCODERS[prefix === 8 ? "tcp" : prefix === 9 ? "ipc" : "message"];
}
