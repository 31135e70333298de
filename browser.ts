/**
 * nanomsg's scalability protocols in the browser: all of `mod.ts` that a page can do. A page connects by `ws://` and `wss://`,
 * and reaches its own sockets and those of its workers by `inproc://`.
 *
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
import { offerTransport } from "./src/surface/transports.ts";
import { InprocTransport } from "./transports/inproc/inproc.ts";
import { PageWebSocketTransport } from "./transports/ws/page.ts";

// Where the main entry is loaded as well, its transports can do more.
offerTransport(new InprocTransport());
offerTransport(new PageWebSocketTransport());

export * from "./exports.ts";
