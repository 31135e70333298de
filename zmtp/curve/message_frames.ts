/** Where things stand in the frames that carry boxes. */

import { BOX_OVERHEAD } from "./boxes.ts";
import { COUNTER_SIZE } from "./nonces.ts";

/** Bits of the flags in a box: COMMAND is another bit than outside (RFC 26). */
export const INNER = { MORE: 0x01, COMMAND: 0x02 } as const;

/** How the body of a MESSAGE begins. */
export const MESSAGE: Uint8Array<ArrayBuffer> = new TextEncoder().encode("\x07MESSAGE");
/** Where the box stands in the body of a MESSAGE: behind the counter. */
export const BOX_AT: number = MESSAGE.length + COUNTER_SIZE;
/** By how much the body of a MESSAGE is longer than that of the plain frame: the box has a byte of flags too. */
export const MESSAGE_OVERHEAD: number = BOX_AT + BOX_OVERHEAD + 1;
