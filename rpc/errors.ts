/** The codes that JSON-RPC 2.0 defines (section 5.1). Codes from -32768 to -32000 are reserved; all others are yours. */
export const RpcCode = {
  /** The message is not JSON. */
  parseError: -32700,
  /** The message is JSON, but not a request. */
  invalidRequest: -32600,
  /** The service has no such method. */
  methodNotFound: -32601,
  /** The method does not take these parameters. */
  invalidParams: -32602,
  /** The method failed, and the service does not say why. */
  internalError: -32603,
} as const;

/** What a caller is told of an error: the error object of JSON-RPC 2.0. */
export interface RpcErrorLike {
  /** A whole number. */
  readonly code: number;
  /** One short sentence. */
  readonly message: string;
  /** More about it, as JSON can hold it. */
  readonly data?: unknown;
}

/**
 * The error of a remote method.
 *
 * A handler throws one to tell its caller `code`, `message` and `data`; the caller's promise rejects with one that has the same.
 *
 * @example
 * ```ts
 * import { Rep, Req } from "@nanostreams/nanostreams";
 * import { rpcClient, RpcError, serveRpc } from "@nanostreams/nanostreams/rpc";
 *
 * const service = {
 *   divide(a: number, b: number): number {
 *     if (b === 0) throw new RpcError(1, "Cannot divide by 0", { a });
 *     return a / b;
 *   },
 * };
 * await using rep = new Rep();
 * await rep.bind("inproc://division");
 * serveRpc(rep, service);
 *
 * await using req = new Req();
 * req.connect("inproc://division");
 * const error = await rpcClient<typeof service>(req).divide(1, 0).catch((error) => error);
 * console.log(error instanceof RpcError, error.code, error.data); // true 1 { a: 1 }
 * ```
 */
export class RpcError extends Error implements RpcErrorLike {
  /** Always `"RpcError"`. */
  override readonly name: string = "RpcError";
  /** What went wrong: one of {@linkcode RpcCode}, or the service's own. */
  readonly code: number;
  /** More about it; undefined if there is nothing more. */
  readonly data: unknown;

  /**
   * Makes an error.
   *
   * @param code A whole number, outside of -32768 to -32000 unless it is one of {@linkcode RpcCode}.
   * @param message One short sentence, which the caller is told.
   * @param data More about it, which the caller is told: anything that JSON can hold.
   * @param options The `cause`, which the caller is not told.
   */
  constructor(code: number, message: string, data?: unknown, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.data = data;
  }
}
