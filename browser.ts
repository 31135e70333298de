/**
 * nanomsg's scalability protocols in the browser: all of `mod.ts` that a page can do. A page connects by `ws://` and `wss://`,
 * and reaches its own sockets and those of its workers by `inproc://`.
 *
 * @example
 * ```ts
 * import { Sub } from "@nanostreams/nanostreams/browser";
 *
 * const sub = new Sub({ subscribe: "weather" });
 * sub.connect("ws://127.0.0.1:8080/feed"); // returns at once, and keeps connecting
 * await sub.close();
 * ```
 *
 * @module
 */
import "./transports/page.ts";

export * from "./exports.ts";
