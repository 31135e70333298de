/**
 * nanomsg's scalability protocols in pure TypeScript.
 *
 * @module
 */
import { setCallContext } from "./src/socket/call_context.ts";
import { registerTransport } from "./src/surface/transports.ts";
import { AbstractTransport } from "./transports/abstract.ts";
import { InprocTransport } from "./transports/inproc/inproc.ts";
import { IpcTransport } from "./transports/ipc.ts";
import { asyncContext } from "./transports/runtime/shared/async_context.ts";
import { hasBuiltins } from "./transports/runtime/shared/builtin.ts";
import { TcpTransport } from "./transports/tcp.ts";
import { TlsTransport } from "./transports/tls.ts";
import { WebSocketTransport } from "./transports/ws/ws.ts";
import { MainPageWebSocketTransport } from "./transports/ws/page.ts";

registerTransport(new TcpTransport());
registerTransport(new IpcTransport());
registerTransport(new AbstractTransport());
registerTransport(new InprocTransport());
registerTransport(new TlsTransport());
registerTransport(hasBuiltins() ? new WebSocketTransport() : new MainPageWebSocketTransport());

const context = asyncContext();
if (context !== undefined) setCallContext(context);

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
