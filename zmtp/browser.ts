/**
 * ZeroMQ's sockets in the browser: all of `zmtp/mod.ts` that a page can do. A page connects by `ws://` and `wss://`, and reaches its
 * own sockets and those of its workers by `inproc://`.
 *
 * @module
 */
import "../transports/page.ts";

export * from "../common.ts";
export * from "./exports.ts";
