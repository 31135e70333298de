import type { Protocol } from "../../src/contracts/protocol.ts";
import type { ZmtpProbeOptions } from "../options.ts";

const EMPTY = new Uint8Array(0);

/** The part of a protocol that announces the socket to each peer, if its options say so. */
export function prober({ probeRouter }: ZmtpProbeOptions): Pick<Protocol, "attach"> {
  return probeRouter === true ? { attach: (pipe) => pipe.send(EMPTY) } : {};
}
