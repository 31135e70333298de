/**
 * nanomsg's scalability protocols in pure TypeScript, wire-compatible with nanomsg, nng and mangos.
 *
 * A socket is a `ReadableStream`/`WritableStream` pair; the pattern is what happens to messages between the two.
 *
 * @example
 * ```ts
 * import { Pub, Sub, TextMessageDecoderStream } from "@nanostreams/nanostreams";
 *
 * await using pub = new Pub();
 * const { address } = await pub.bind("tcp://127.0.0.1:0"); // resolves once it is bound; the real port is in it
 *
 * await using sub = new Sub({ subscribe: "weather" });
 * sub.connect(address); // returns at once, and keeps connecting
 * await pub.peers(1); // resolves once the subscriber is attached
 *
 * await pub.send("weather: rain");
 * const reader = sub.readable.pipeThrough(new TextMessageDecoderStream()).getReader();
 * console.log((await reader.read()).value); // "weather: rain"
 * ```
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
