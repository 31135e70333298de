import { type PeerInfo, type ReceivedQuestion, SPError } from "../common.ts";
import type { RpcId } from "./protocol.ts";

/** What a handler may know of the call that it answers, beside the parameters. */
export interface RpcContext {
  /** The method's name. */
  readonly method: string;
  /** The caller's id of this call; undefined for a notification, of which the caller is told nothing. */
  readonly id: RpcId | undefined;
  /** Who calls; behind a device, that is the device. */
  readonly peer: PeerInfo;
  /** Aborted when the caller's connection is gone. A caller that stops waiting, but stays connected, does not abort it. */
  readonly signal: AbortSignal;
}

/** A handler that wants the context. */
type ContextHandler = (context: RpcContext, ...params: never) => unknown;

/** The handlers behind the methods that {@linkcode withContext} has made. */
const handlers: WeakMap<object, ContextHandler> = new WeakMap();

/**
 * Makes a method whose handler gets the context of each call before the parameters. The context is in no client's types,
 * and no caller can put anything in its place.
 *
 * @param handler Gets the context, then the parameters.
 * @returns The method, for `serveRpc`'s implementation. It cannot be called directly: then it throws `ESTATE`.
 *
 * @example
 * ```ts
 * import { Rep, Req } from "@nanostreams/nanostreams";
 * import { rpcClient, serveRpc, withContext } from "@nanostreams/nanostreams/rpc";
 *
 * const service = {
 *   greet: withContext(({ peer }, name: string) => `Hello ${name}, at ${peer.endpoint}`),
 * };
 * await using rep = new Rep();
 * await rep.bind("inproc://greetings");
 * serveRpc(rep, service);
 *
 * await using req = new Req();
 * req.connect("inproc://greetings");
 * const client = rpcClient<typeof service>(req);
 * console.log(await client.greet("Ada")); // "Hello Ada, at inproc://greetings"
 * ```
 */
export function withContext<Params extends unknown[], Result>(
  handler: (context: RpcContext, ...params: Params) => Result,
): (...params: Params) => Result {
  const method = (): never => {
    const why = "its handler needs a context, which only serveRpc gives";
    throw new SPError("ESTATE", `Cannot call this method directly: ${why}`);
  };
  handlers.set(method, handler);
  return method;
}

/** The handler behind a method, if it was made by {@linkcode withContext}. */
export function contextHandler(method: object): ContextHandler | undefined {
  return handlers.get(method);
}

/** The {@linkcode RpcContext} of one call. */
export class CallContext implements RpcContext {
  readonly method: string;
  readonly id: RpcId | undefined;
  readonly #question: ReceivedQuestion;
  #signal: AbortSignal | undefined;

  /** @param question What the call came with. */
  constructor(method: string, id: RpcId | undefined, question: ReceivedQuestion) {
    this.method = method;
    this.id = id;
    this.#question = question;
  }

  get peer(): PeerInfo {
    return this.#question.peer;
  }

  get signal(): AbortSignal {
    return this.#signal ??= this.#question.signal;
  }

  /** Whether a handler has failed for no other reason than that its caller is gone. */
  isAbortedBy(error: unknown): boolean {
    return this.#signal?.aborted === true && this.#signal.reason === error;
  }
}
