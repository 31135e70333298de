/**
 * nanomsg's scalability protocols in pure TypeScript.
 *
 * @module
 */
import "./transports/all.ts";

export * from "./exports.ts";
export { WebSocketMount } from "./transports/ws/mount.ts";
export type {
  BunServerLike,
  BunSocketData,
  BunSocketLike,
  BunWebSocketHandlers,
  DenoInfoLike,
  NodeRequestLike,
} from "./transports/runtime/shared/mount_api.ts";
export { sameOrigin } from "./transports/ws/web_socket.ts";
