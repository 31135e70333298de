import { exec } from "./exec.ts";
import { file } from "./file.ts";
import { loopback } from "./loopback.ts";
import { nanomsg } from "./nanomsg.ts";
import type { NodeType } from "./node.ts";
import { signal } from "./signal.ts";
import { signalV2 } from "./signal_v2.ts";
import { websocket } from "./websocket.ts";
import { zeromq } from "./zeromq.ts";

/** All node-types. */
export const NODE_TYPES: readonly NodeType[] = [
  exec,
  file,
  loopback,
  nanomsg,
  signal,
  signalV2,
  websocket,
  zeromq,
];
