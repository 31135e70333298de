/* Connections by `node:net`, read as only Node can. Also the baseline that Deno and Bun are compared with. */
import type { StreamRuntime } from "../../runtime.ts";
import { isNode } from "../shared/is_node.ts";
import { makeNetRuntime, netRuntime } from "../shared/net/runtime.ts";
import { newReader, withReader } from "./reader.ts";

/** TCP and file system sockets by `node:net`; on Deno and Bun, whose `node:net` has no libuv, by its streams. */
export const nodeRuntime: StreamRuntime = isNode
  ? makeNetRuntime({ newReader, withReader })
  : netRuntime;
