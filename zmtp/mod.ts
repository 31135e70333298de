/**
 * ZeroMQ's sockets in pure TypeScript: ZMTP 3.0 and 3.1 with NULL, PLAIN and CURVE, wire-compatible with libzmq.
 *
 * A message is an array of frames. `docs/zmtp.md` compares the classes with zeromq.js's, call by call.
 *
 * @example
 * ```ts
 * import { Rep, Req } from "@nanostreams/nanostreams/zmtp";
 *
 * await using rep = new Rep();
 * const { address } = await rep.bind("tcp://127.0.0.1:0");
 * rep.serve(([name]) => ["hello", name!]);
 * await using req = new Req();
 * req.connect(address);
 * const [greeting, name] = await req.request("world");
 * console.log(new TextDecoder().decode(greeting), new TextDecoder().decode(name)); // "hello world"
 * ```
 *
 * @module
 */
import "../transports/all.ts";

export * from "../common.ts";
export * from "./exports.ts";
export { WebSocketMount } from "../transports/ws/mount.ts";
export type {
  BunServerLike,
  BunSocketData,
  BunSocketLike,
  BunWebSocketHandlers,
  DenoInfoLike,
  NodeRequestLike,
} from "../transports/runtime/shared/mount_api.ts";
export { sameOrigin } from "../transports/ws/web_socket.ts";
