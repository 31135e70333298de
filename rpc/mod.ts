/**
 * Services over REQ and REP by JSON-RPC 2.0: `serveRpc` serves the methods of an object, `rpcClient` calls them, with types. Clients
 * and services of any other language fit. See docs/rpc.md.
 *
 * @example
 * ```ts
 * import { Rep, Req } from "@nanostreams/nanostreams";
 * import { rpcClient, serveRpc } from "@nanostreams/nanostreams/rpc";
 *
 * const calculator = { add: (a: number, b: number) => a + b };
 *
 * await using rep = new Rep();
 * const { address } = await rep.bind("tcp://127.0.0.1:0");
 * serveRpc(rep, calculator);
 *
 * await using req = new Req();
 * req.connect(address);
 * const calc = rpcClient<typeof calculator>(req);
 * console.log(await calc.add(1, 2, { timeout: 200 })); // 3
 * ```
 *
 * @module
 */
export { rpcClient, type RpcClientOptions } from "./client.ts";
export { type RpcContext, withContext } from "./context.ts";
export { RpcCode, RpcError, type RpcErrorLike } from "./errors.ts";
export type { RpcId, RpcParams } from "./protocol.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "../common.ts";
export { serveRpc, type ServeRpcOptions } from "./server.ts";
export type {
  AnyMethod,
  BatchBuilder,
  BatchedCall,
  BatchResults,
  CallOptions,
  LooksLikeOptions,
  MethodName,
  ParamsOf,
  RemoteMethod,
  ReservedName,
  ResultOf,
  RpcCalls,
  RpcClient,
  UnknownApi,
} from "./types.ts";
