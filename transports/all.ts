/*
 * Makes every transport known, when the first of the main doors is loaded. Another door changes nothing, so that a transport of the
 * user's own, registered in between, stays.
 */
import { setCallContext } from "../src/socket/call_context.ts";
import { offerTransport } from "../src/surface/transports.ts";
import { AbstractTransport } from "./abstract.ts";
import { InprocTransport } from "./inproc/inproc.ts";
import { IpcTransport } from "./ipc.ts";
import { asyncContext } from "./runtime/shared/async_context.ts";
import { hasBuiltins } from "./runtime/shared/builtin.ts";
import { TcpTransport } from "./tcp.ts";
import { TlsTransport } from "./tls.ts";
import { MainPageWebSocketTransport, PAGE_WEB_SOCKET } from "./ws/page.ts";
import { WebSocketTransport } from "./ws/ws.ts";

const transports = [
  new TcpTransport(),
  new IpcTransport(),
  new AbstractTransport(),
  new InprocTransport(),
  new TlsTransport(),
  hasBuiltins() ? new WebSocketTransport() : new MainPageWebSocketTransport(),
];
// Where a door for pages is loaded already, there is a WebSocket that can do less.
for (const transport of transports) offerTransport(transport, PAGE_WEB_SOCKET);

const context = asyncContext();
if (context !== undefined) setCallContext(context);
