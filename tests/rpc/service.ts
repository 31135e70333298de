/** A service, and a client of it, over inproc. */

import { Rep, type RepOptions, Req, type ReqOptions } from "../../mod.ts";
import { type RpcClient, rpcClient, serveRpc, type ServeRpcOptions } from "../../rpc/mod.ts";

let count = 0;

/** A service that runs, and a socket that asks it. */
export interface Stage<Api> {
  readonly rep: Rep;
  readonly req: Req;
  readonly client: RpcClient<Api>;
  /** Sends text or bytes as they are; resolves with the text that comes back. */
  ask(message: string | Uint8Array): Promise<string>;
  /** Sends a value as JSON; resolves with what comes back, parsed. */
  say(message: unknown): Promise<unknown>;
  /** Closes the sockets, and waits for the service to end. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a stage may have of its own. */
export interface StageOptions<Api> extends ServeRpcOptions<Api> {
  rep?: RepOptions;
  req?: ReqOptions;
}

/** Serves an implementation; by default failures are not shown. */
export async function openStage<Api extends object>(
  implementation: Api,
  options: StageOptions<Api> = {},
): Promise<Stage<Api>> {
  const { rep: repOptions, req: reqOptions, ...serveOptions } = options;
  const rep = new Rep(repOptions);
  const req = new Req(reqOptions);
  const address = `inproc://rpc-${++count}`;
  await rep.bind(address);
  const served = serveRpc(rep, implementation, { onError: () => {}, ...serveOptions });
  req.connect(address);
  const ask = async (message: string | Uint8Array): Promise<string> =>
    new TextDecoder().decode(await req.request(message, { timeout: 10_000 }));
  return {
    rep,
    req,
    client: rpcClient<Api>(req),
    ask,
    say: async (message) => JSON.parse(await ask(JSON.stringify(message))),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([req.close({ linger: 0 }), rep.close({ linger: 0 }), served]);
    },
  };
}

/** The response to a call that went well. */
export function result(id: unknown, value: unknown): object {
  return { jsonrpc: "2.0", result: value, id };
}

/** A call. */
export function call(id: unknown, method: unknown, params?: unknown): object {
  return { jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }), id };
}

/** The code and the id of a response with an error. */
export function errorOf(response: unknown): { code: number; id: unknown } {
  const { error, id } = response as { error: { code: number }; id: unknown };
  return { code: error.code, id };
}
