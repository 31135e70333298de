/** Where ZMTP's sockets meet, for what is not tested on all transports. */

import { type TransportCase, TRANSPORTS } from "../../conformance/transports.ts";

/** One that carries bytes, and one that keeps messages apart. */
export const SOME_TRANSPORTS: readonly TransportCase[] = TRANSPORTS.filter(({ name }) =>
  name === "tcp" || name === "inproc"
);
