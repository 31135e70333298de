import { SPError } from "../common.ts";
import type { Req } from "../exports.ts";
import { RpcError, type RpcErrorLike } from "./errors.ts";
import { DEFAULT_MAX_DEPTH, parseMessage } from "./json.ts";
import { checkOptions } from "../src/base/check_options.ts";
import { COUNT, MILLISECONDS, type Rules } from "../src/base/rules.ts";
import { ANY, checkSocket } from "./options.ts";
import { readResponse, requestText, type Response, type RpcParams } from "./protocol.ts";
import { methodProxy } from "./proxy.ts";
import type {
  BatchBuilder,
  BatchedCall,
  CallOptions,
  RpcCalls,
  RpcClient,
  UnknownApi,
} from "./types.ts";

/** Options of {@linkcode rpcClient}. */
export interface RpcClientOptions {
  /** How many arrays and objects of a response may stand in each other; default 100. A deeper one fails its call (`EPROTO`). */
  maxDepth?: number;
  /** How long a call waits, in milliseconds, if it has no `timeout` of its own; default 30,000, `Infinity` for no limit. */
  timeout?: number;
}

/**
 * Makes a client of a service: each method is called as if it were here, and gives a promise.
 *
 * **Options of a call come last**: `calc.add(1, 2, { timeout: 200 })`. The last argument counts as options if it is a plain object
 * that has no other members than `attempts`, `signal` and `timeout`, and at least one of them. Where a method takes such an object
 * itself, call it by `$call(method, params, options)`; the types insist on it.
 *
 * A call rejects with an {@linkcode RpcError} that has the service's code, message and data, or with an `SPError`: `ETIMEDOUT` after
 * `timeout`, `ECLOSED`, `EATTEMPTS`, `EINVAL` if JSON cannot hold the parameters, `EPROTO` if what came is no response to it; or with
 * the signal's reason. Calls made at the same time are in flight together. A call may be executed more than once, see
 * `attempts` of {@linkcode CallOptions}.
 *
 * @typeParam Api The type of the implementation: `typeof calculator`, a class, or an interface of methods.
 * @param req The socket. It may have other uses beside.
 * @param options How long calls wait.
 * @throws {SPError} `EINVAL` if the socket is no REQ, or an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { Rep, Req } from "@nanostreams/nanostreams";
 * import { rpcClient, serveRpc } from "@nanostreams/nanostreams/rpc";
 *
 * const calculator = { add: (a: number, b: number) => a + b };
 * await using rep = new Rep();
 * await rep.bind("inproc://calculator");
 * serveRpc(rep, calculator);
 *
 * await using req = new Req();
 * req.connect("inproc://calculator");
 * const calc = rpcClient<typeof calculator>(req, { timeout: 5_000 });
 * console.log(await calc.add(1, 2)); // 3
 * console.log(await calc.add(3, 4, { timeout: 200 })); // 7
 * const [sum] = await calc.$batch((call) => [call.add(5, 6)]);
 * console.log(sum); // { status: "fulfilled", value: 11 }
 * ```
 */
export function rpcClient<Api extends object = UnknownApi>(
  req: Pick<Req, "request">,
  options: RpcClientOptions = {},
): RpcClient<Api> {
  checkSocket("Cannot make a client of", req, "request", "a Req");
  checkOptions("rpcClient's options", options, { maxDepth: COUNT, timeout: MILLISECONDS });
  const caller = new Caller(req, options);
  const calls = {
    $call: (method: string, params?: RpcParams, options?: CallOptions) =>
      caller.call(method, params, options),
    $notify: (method: string, params?: RpcParams, options?: CallOptions) =>
      caller.notify(method, params, options),
    $batch: async (
      build: (call: BatchBuilder<Api>) => readonly BatchedCall<unknown>[],
      options?: CallOptions,
    ) => await caller.batch(build(builder as BatchBuilder<Api>), options),
  } satisfies Record<keyof RpcCalls<Api>, unknown>;
  return methodProxy(calls, (method, args) => {
    const last = args.at(-1);
    const hasOptions = isCallOptions(last);
    const params = hasOptions ? args.slice(0, -1) : args;
    return caller.call(method, trimmed(params), hasOptions ? last : undefined);
  }) as RpcClient<Api>;
}

/** Notes calls down for a batch. */
const builder: object = methodProxy({
  $call: (method: string, params?: RpcParams) => ({ method, params, isNotification: false }),
  $notify: (method: string, params?: RpcParams) => ({ method, params, isNotification: true }),
}, (method, args) => ({ method, params: trimmed(args), isNotification: false }));

/** The values are checked by the socket. */
const CALL_CHECKS: Rules & Record<keyof CallOptions, unknown> = {
  attempts: ANY,
  signal: ANY,
  timeout: ANY,
};

/** Whether a last argument counts as options: see {@linkcode rpcClient}. */
function isCallOptions(value: unknown): value is CallOptions {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => Object.hasOwn(CALL_CHECKS, name));
}

/** Arguments without those at the end that were left out; JSON would have null for them. */
function trimmed(args: readonly unknown[]): readonly unknown[] | undefined {
  let length = args.length;
  while (length > 0 && args[length - 1] === undefined) length--;
  return length === 0 ? undefined : args.slice(0, length);
}

/** Makes calls over a REQ socket. */
class Caller {
  readonly #req: Pick<Req, "request">;
  readonly #timeout: number;
  readonly #maxDepth: number;
  #lastId = 0;

  constructor(req: Pick<Req, "request">, options: RpcClientOptions) {
    this.#req = req;
    this.#timeout = options.timeout ?? 30_000;
    this.#maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
  }

  async call(method: string, params?: RpcParams, options?: CallOptions): Promise<unknown> {
    const id = ++this.#lastId;
    const value = await this.#exchange(method, write(method, params, id), options);
    const response = this.#read(method, value);
    if (response.error !== undefined && (response.id === id || response.id === null)) {
      throw toRpcError(response.error);
    }
    if (response.id !== id) throw unfit(method, `its id is ${show(response.id)} instead of ${id}`);
    return response.result;
  }

  async notify(method: string, params?: RpcParams, options?: CallOptions): Promise<void> {
    const value = await this.#exchange(method, write(method, params), options);
    if (value === undefined) return;
    const { error } = this.#read(method, value);
    throw error === undefined
      ? unfit(method, "a notification is answered with an empty message")
      : toRpcError(error);
  }

  async batch(
    calls: readonly BatchedCall<unknown>[],
    options?: CallOptions,
  ): Promise<PromiseSettledResult<unknown>[]> {
    if (calls.length === 0) return [];
    const ids = calls.map(({ isNotification }) => isNotification ? undefined : ++this.#lastId);
    const texts = calls.map(({ method, params }, i) => write(method, params, ids[i]));
    const value = await this.#exchange("a batch", `[${texts.join(",")}]`, options) ?? [];
    if (!Array.isArray(value)) {
      const { error } = this.#read("a batch", value);
      throw error === undefined ? unfit("a batch", "expected an array") : toRpcError(error);
    }
    const responses = new Map(
      value.map((one) => this.#read("a batch", one)).map((one) => [one.id, one]),
    );
    const wanted = ids.filter((id) => id !== undefined);
    if (value.length !== wanted.length || !wanted.every((id) => responses.has(id))) {
      throw unfit("a batch", "it has not one response for each call");
    }
    return ids.map((id) => settle(id === undefined ? undefined : responses.get(id)));
  }

  /** Sends a message, and parses what comes back; undefined if that is empty. */
  async #exchange(what: string, message: string, options: CallOptions = {}): Promise<unknown> {
    checkOptions("the options of a call", options, CALL_CHECKS);
    const { attempts, signal, timeout = this.#timeout } = options;
    const reply = await this.#req.request(message, {
      timeout,
      signal,
      ...(attempts === undefined ? {} : { attempts }),
    });
    if (reply.length === 0) return undefined;
    try {
      return parseMessage(reply, this.#maxDepth);
    } catch (error) {
      throw unfit(what, (error as Error).message, error);
    }
  }

  #read(what: string, value: unknown): Response {
    const response = readResponse(value);
    if (typeof response === "string") throw unfit(what, response);
    return response;
  }
}

function settle(response: Response | undefined): PromiseSettledResult<unknown> {
  return response?.error === undefined
    ? { status: "fulfilled", value: response?.result }
    : { status: "rejected", reason: toRpcError(response.error) };
}

function toRpcError({ code, message, data }: RpcErrorLike): RpcError {
  return new RpcError(code, message, data);
}

/** Writes a call, or says why it cannot be written. */
function write(method: string, params: RpcParams | undefined, id?: number): string {
  try {
    return requestText(method, params, id);
  } catch (cause) {
    const why = `JSON cannot hold its parameters: ${(cause as Error).message}`;
    throw new SPError("EINVAL", `Cannot call ${show(method)}: ${why}`, { cause });
  }
}

/** The error of a call whose reply is no response to it. */
function unfit(what: string, why: string, cause?: unknown): SPError {
  const subject = what === "a batch" ? what : show(what);
  return new SPError(
    "EPROTO",
    `The reply to ${subject} is not a response of JSON-RPC 2.0: ${why}`,
    {
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
