/* The client's side of a WebSocket by the package `ws`. */
import type { Connection } from "../../../../src/contracts/connection.ts";
import { SPError } from "../../../../src/base/errors.ts";
import { explain as explainSystem, systemError } from "../../../system_errors.ts";
import type { ResolvedEndpointOptions } from "../../../../src/surface/options.ts";
import type { TransportContext } from "../../../../src/contracts/transport.ts";
import { later } from "../../../../src/base/wait.ts";
import { whyNotConnected } from "../../../no_local_port.ts";
import { subprotocols } from "../../../ws/web_socket.ts";
import { urlOf, type WebSocketTarget } from "../../../ws/target.ts";
import { withFilesCode } from "../mended/bun_files.ts";
import { explainCertificate } from "../mended/deno_certificate.ts";
import { requireLocal } from "../mended/deno_permission.ts";
import { requireNoZone } from "../mended/deno_zone.ts";
import { noticeRefusal } from "./nanomsg_refusal.ts";
import { secureContext } from "../tls/certificates.ts";
import { verification } from "../tls/tls.ts";
import type { ClientRequest, HttpResponse, WsClientOptions, WsModule } from "./ws_api.ts";
import { withAddressCode } from "../net/open.ts";
import { connectTo } from "../net/places.ts";
import { adopt, loadWs, wsOptions } from "./ws_package.ts";
import { HEADER, shown } from "./ws_subprotocols.ts";

/** How much of the body of a refusal is told. */
const SHOWN = 500;

/** Connects, and has the server agree to speak our counterpart's protocol. */
export async function dialWs(
  target: WebSocketTarget,
  context: TransportContext,
): Promise<Connection> {
  const module = await loadWs();
  const { signal, address } = context;
  signal.throwIfAborted();
  const what = `Cannot connect to "${address}"`;
  try {
    return await connectTo(what, target, signal, (place) => dialPlace(module, place, context));
  } catch (error) {
    throw error === signal.reason ? error : systemError(what, error);
  }
}

async function dialPlace(
  module: WsModule,
  target: WebSocketTarget,
  context: TransportContext,
): Promise<Connection> {
  const { signal, protocol, options, address } = context;
  const url = urlOf(target);
  const wanted = subprotocols("connect", address, protocol);
  let [subprotocol] = wanted;
  requireNoZone(target.local);
  if (target.local !== undefined) requireLocal(target.local, 0);
  return await new Promise<Connection>((resolve, reject) => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (): void => {
      ended.abort();
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (reason: unknown): void => {
      settle();
      reject(reason);
      ws.terminate();
    };
    const onAbort = (): void => fail(signal.reason);
    const onConnect = (): void => {
      context.reached?.();
      const { handshakeTimeout } = options;
      timer = later(handshakeTimeout, () => {
        const message = `Cannot connect to "${address}": ` +
          `no WebSocket handshake in ${handshakeTimeout} ms`;
        fail(new SPError("ETIMEDOUT", message));
      });
    };
    const ws = new module.WebSocket(url, wanted.map(shown), {
      ...clientOptions(target, context),
      finishRequest: (request) => {
        noticeRefusal(request);
        request.setHeader("Sec-WebSocket-Protocol", wanted.join(","));
        sendConnected(request, onConnect, () => context.reserve?.(url));
      },
    });
    signal.addEventListener("abort", onAbort);
    ws.on("upgrade", ({ headers }) => {
      subprotocol = wanted.find((name) => name === headers[HEADER]);
      headers[HEADER] &&= shown(subprotocol ?? "another");
    });
    ws.on("open", () => {
      settle();
      resolve(adopt(module, ws, ws._socket!, target.scheme, options, undefined, subprotocol));
    });
    ws.on("error", (error) => {
      whyFailed(withFilesCode(withAddressCode(error)), target, options, ended.signal).then(
        (why) => {
          fail(explain(address, target, why));
        },
      );
    });
    ws.on("unexpected-response", (_request, response) => {
      readBody(response, (body) => fail(refused(address, response, body)));
    });
  });
}

/** Sends a request once its connection stands, unless that is forbidden. */
function sendConnected(request: ClientRequest, onConnect: () => void, permit: () => void): void {
  request.on("socket", (socket) => {
    socket.once("connect", () => {
      onConnect();
      try {
        // The server takes us in with its answer.
        permit();
      } catch (error) {
        return request.destroy(error as SPError);
      }
      request.end();
    });
  });
}

function clientOptions(
  target: WebSocketTarget,
  { options }: TransportContext,
): Omit<WsClientOptions, "finishRequest"> {
  const { name } = target;
  const host = name !== undefined && { host: new URL(urlOf({ ...target, host: name })).host };
  return {
    ...wsOptions(options),
    followRedirects: false,
    headers: { ...host, ...Object.fromEntries(new Headers(options.webSocket?.headers)) },
    ...(target.local !== undefined && { localAddress: target.local }),
    ...(target.secure && {
      ...secureContext(options.tls ?? {}),
      ...verification(name ?? target.host ?? "localhost", options.tls ?? {}),
    }),
  };
}

function readBody(response: HttpResponse, done: (body: string) => void): void {
  const decoder = new TextDecoder();
  let body = "";
  response.on("data", (chunk) => {
    body += decoder.decode(chunk, { stream: true });
    if (body.length > SHOWN) done(body);
  });
  const end = (): void => done(body);
  response.on("end", end);
  response.on("close", end);
  response.on("error", end);
}

function refused(address: string, response: HttpResponse, body: string): SPError {
  const { statusCode = 0, statusMessage = "" } = response;
  // Of anything else than plain text, such as a page, the first line says nothing.
  const text = body.trim().slice(0, SHOWN);
  const said = text === "" || text.startsWith("<") ? "" : `: ${text}`;
  return new SPError(
    statusCode === 400 ? "EPROTO" : "EREJECTED",
    `Cannot connect to "${address}": the server answered ${statusCode} ${statusMessage}${said}`,
  );
}

/** What is wrong with the server's certificate, if that is it. */
function whyFailed(
  error: Error,
  target: WebSocketTarget,
  { tls = {} }: ResolvedEndpointOptions,
  signal: AbortSignal,
): Promise<Error> {
  const { rejectUnauthorized: _, ...servername } = verification(
    target.name ?? target.host ?? "localhost",
    tls,
  );
  return explainCertificate(error, { ...target, kind: "tcp" }, servername, signal);
}

/** `ws` gives its own errors no code; those of the HTTP parser begin with HPE. */
function explain(
  address: string,
  target: WebSocketTarget,
  error: Error & { readonly code?: unknown },
): SPError {
  const what = `Cannot connect to "${address}"`;
  if (error instanceof SPError) return new SPError(error.code, `${what}: ${error.message}`);
  const { raw } = explainSystem(error);
  if (raw === "ECONNRESET") {
    const message = `${what}: the server hung up on the WebSocket handshake (ECONNRESET)`;
    return new SPError("ECONNRESET", message, { cause: error });
  }
  if (raw !== "" && !raw.startsWith("HPE_")) {
    return whyNotConnected(address, target, error);
  }
  const message = `${what}: the server did not answer with a WebSocket handshake: ${error.message}`;
  return new SPError("EPROTO", message, { cause: error });
}
