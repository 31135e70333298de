import { type ReceivedQuestion, SPError, type StandardSchema } from "../common.ts";
import type { Rep } from "../exports.ts";
import { CallContext, type RpcContext } from "./context.ts";
import { RpcCode, RpcError, type RpcErrorLike } from "./errors.ts";
import { DEFAULT_MAX_DEPTH, invalid, parseMessage } from "./json.ts";
import { collectMethods, type Method } from "./methods.ts";
import { checkOptions } from "../src/base/check_options.ts";
import { COUNT, FUNCTION, OBJECT, type Rules } from "../src/base/rules.ts";
import { ANY, checkSocket, NAMES } from "./options.ts";
import {
  errorText,
  internalError,
  isObject,
  readRequest,
  type Request,
  resultText,
  type RpcId,
} from "./protocol.ts";
import { checkParams } from "./schema.ts";
import type { MethodName } from "./types.ts";

/**
 * Options of {@linkcode serveRpc}.
 *
 * @typeParam Api The implementation's type.
 */
export interface ServeRpcOptions<Api = object> {
  /** How many calls of one batch are at work at once; default 8. A batch counts as one message for `concurrency`. */
  batchConcurrency?: number;
  /** How many messages are at work at once; default 64. */
  concurrency?: number;
  /** The most calls in a batch; default 100. A larger batch is refused as a whole (-32600). */
  maxBatch?: number;
  /** How many arrays and objects of a message may stand in each other; default 100. What is deeper is refused (-32600). */
  maxDepth?: number;
  /**
   * The largest response, in bytes, all of a batch together; default 1,000,000, which fits into the `maxMessageSize` of a
   * caller who left it as it is. A result that is too large is an internal error: if it was sent, the caller would hang up on it.
   */
  maxResponseSize?: number;
  /** The methods to serve; by default all of the implementation, but those that its class inherits. */
  methods?: readonly MethodName<Api>[];
  /**
   * Told of every failure that is no {@linkcode RpcError}, with the call; decides what the caller is told. Without an answer, or if
   * it fails itself, that is -32603 "Internal error", and nothing more. By default failures go to `console.error`.
   */
  onError?: (
    error: unknown,
    call: RpcContext,
  ) => RpcErrorLike | undefined | void | Promise<RpcErrorLike | undefined | void>;
  /**
   * Schemas of the parameters, by method: any Standard Schema (https://standardschema.dev), such as those of zod, valibot and arktype.
   * Each gets what the caller sent as `params`: an array of parameters by position (empty if there are none), or an object of
   * parameters by name. What does not fit is refused (-32602), with the issues as `data`.
   */
  params?: { readonly [Name in MethodName<Api>]?: StandardSchema };
  /** Stops serving: no further message is taken, and `serveRpc` resolves when those at work are answered. */
  signal?: AbortSignal;
}

const CHECKS: Rules = {
  batchConcurrency: COUNT,
  // Checked by the socket.
  concurrency: ANY,
  maxBatch: COUNT,
  maxDepth: COUNT,
  maxResponseSize: COUNT,
  methods: NAMES,
  onError: FUNCTION,
  params: OBJECT,
  signal: ANY,
};

const encoder = new TextEncoder();

/**
 * Serves the methods of an object by JSON-RPC 2.0, one message for each call or batch.
 *
 * Parameters by position become arguments; parameters by name become one argument, an object. What a method returns or
 * resolves with is the result; `undefined` is `null`. A method that wants to know who calls is made by `withContext`.
 * What a method throws stays here, unless it is an {@linkcode RpcError}. A notification is answered with an empty message, since a
 * REQ socket sends again what is not answered.
 *
 * **A call may be executed more than once**: REQ sends it again when a connection is lost. Methods should be idempotent.
 *
 * @param rep The socket. Its peers may be of any language.
 * @param implementation The methods; they are collected now. Every function that is an own property, or of the object's class, is served.
 * @param options Limits, what callers are told of errors, a signal.
 * @returns When it has ended: the socket is closed, or the signal was aborted.
 * @throws {SPError} `EINVAL` if the socket is no REP, an option is unknown or wrong, or there is no method.
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
 * console.log(await calc.add(1, 2)); // 3
 * ```
 */
export async function serveRpc<Api extends object>(
  rep: Pick<Rep, "serve">,
  implementation: Api,
  options: ServeRpcOptions<Api> = {},
): Promise<void> {
  checkSocket("Cannot serve by", rep, "serve", "a Rep");
  if (OBJECT(implementation) !== undefined) {
    const given = typeof implementation;
    throw new SPError("EINVAL", `Cannot serve a ${given}: expected an object that has methods`);
  }
  checkOptions("serveRpc's options", options, CHECKS);
  const { concurrency, signal, methods, params = {}, ...rest } = options;
  const served = collectMethods(implementation, methods);
  const schemas = new Map(Object.entries<StandardSchema | undefined>(params));
  for (const name of schemas.keys()) {
    if (served.has(name)) continue;
    throw new SPError("EINVAL", `Cannot check the parameters of "${name}": it is not served`);
  }
  const service = new Service(implementation, served, schemas, rest);
  await rep.serve((message, question) => service.answer(message, question), {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** How many bytes of response are left. */
interface Budget {
  left: number;
}

/** Answers messages with the methods of an implementation. */
class Service {
  readonly #implementation: object;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #schemas: ReadonlyMap<string, StandardSchema | undefined>;
  readonly #onError: NonNullable<ServeRpcOptions["onError"]>;
  readonly #batchConcurrency: number;
  readonly #maxBatch: number;
  readonly #maxDepth: number;
  readonly #maxResponseSize: number;

  constructor(
    implementation: object,
    methods: ReadonlyMap<string, Method>,
    schemas: ReadonlyMap<string, StandardSchema | undefined>,
    options: Omit<ServeRpcOptions, "concurrency" | "methods" | "params" | "signal">,
  ) {
    this.#implementation = implementation;
    this.#methods = methods;
    this.#schemas = schemas;
    this.#onError = options.onError ?? report;
    this.#batchConcurrency = options.batchConcurrency ?? 8;
    this.#maxBatch = options.maxBatch ?? 100;
    this.#maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.#maxResponseSize = options.maxResponseSize ?? 1_000_000;
  }

  /** Answers a message; never rejects. */
  async answer(message: Uint8Array, question: ReceivedQuestion): Promise<Uint8Array> {
    const budget = { left: this.#maxResponseSize };
    let value: unknown;
    try {
      value = parseMessage(message, this.#maxDepth);
      if (Array.isArray(value)) this.#checkBatch(value);
    } catch (error) {
      return encoder.encode(errorText(null, error as RpcError));
    }
    if (!Array.isArray(value)) return await this.#respond(value, question, budget) ?? NOTHING;
    const responses: Uint8Array[] = [];
    const calls = value.values();
    // Several at work on one list of calls. Responses may be in any order (section 6).
    const work = async (): Promise<void> => {
      for (const call of calls) {
        const response = await this.#respond(call, question, budget);
        if (response !== undefined) responses.push(response);
      }
    };
    const workers = Math.min(this.#batchConcurrency, value.length);
    await Promise.all(Array.from({ length: workers }, work));
    return responses.length === 0 ? NOTHING : joinResponses(responses);
  }

  #checkBatch(batch: readonly unknown[]): void {
    if (batch.length === 0) throw invalid("the batch is empty");
    if (batch.length > this.#maxBatch) {
      throw invalid(`the batch has ${batch.length} calls, at most ${this.#maxBatch} are taken`);
    }
  }

  /** Makes the response to a call; undefined for a notification. Never rejects. */
  async #respond(
    value: unknown,
    question: ReceivedQuestion,
    budget: Budget,
  ): Promise<Uint8Array | undefined> {
    const request = readRequest(value);
    if ("error" in request) return encoder.encode(errorText(request.id, request.error));
    const { id, method } = request;
    const context = new CallContext(method, id, question);
    try {
      const result = await this.#run(request, context);
      return id === undefined ? undefined : spend(budget, resultText(id, result));
    } catch (error) {
      return await this.#fail(error, id, context, budget);
    }
  }

  /** Runs the method. */
  async #run({ method: name, params }: Request, context: RpcContext): Promise<unknown> {
    const method = this.#methods.get(name);
    if (method === undefined) {
      throw new RpcError(RpcCode.methodNotFound, `Method not found: ${JSON.stringify(cut(name))}`);
    }
    const schema = this.#schemas.get(name);
    const checked = schema === undefined ? params : await checkParams(schema, params);
    const args = checked === undefined ? [] : Array.isArray(checked) ? checked : [checked];
    const { handler, wantsContext } = method;
    const result: unknown = await Reflect.apply(
      handler,
      this.#implementation,
      wantsContext ? [context, ...args] : args,
    );
    if (isObject(result) && Symbol.asyncIterator in result || result instanceof ReadableStream) {
      const why = "a call has one response; publish a stream by PUB, or ask for it by SURVEYOR";
      throw new TypeError(`"${name}" cannot return an AsyncIterable by JSON-RPC: ${why}`);
    }
    return result;
  }

  /** A call has failed: decides what its caller is told. */
  async #fail(
    error: unknown,
    id: RpcId | undefined,
    context: CallContext,
    budget: Budget,
  ): Promise<Uint8Array | undefined> {
    let reason = error;
    if (error instanceof RpcError) {
      if (id === undefined) return undefined;
      try {
        return spend(budget, errorText(id, error));
      } catch (cause) {
        reason = cause;
      }
    }
    // There is nobody to tell, and nothing to mend.
    if (context.isAbortedBy(reason)) return undefined;
    try {
      const told = await this.#onError(reason, context);
      if (id === undefined) return undefined;
      if (told !== undefined && told !== null) return spend(budget, errorText(id, told));
    } catch (cause) {
      report(reason, context);
      report(cause, context);
    }
    return id === undefined ? undefined : encoder.encode(errorText(id, internalError()));
  }
}

/** The answer to what has no response. */
const NOTHING = new Uint8Array(0);

/** Writes a response, and takes its bytes from what is left. Throws if they are too many. */
function spend(budget: Budget, response: string): Uint8Array {
  const bytes = encoder.encode(response);
  if (bytes.length > budget.left) {
    const limit = `maxResponseSize leaves ${budget.left}`;
    throw new RangeError(`Cannot send a response of ${bytes.length} bytes: ${limit}`);
  }
  budget.left -= bytes.length;
  return bytes;
}

/** Makes an array of JSON. */
function joinResponses(responses: readonly Uint8Array[]): Uint8Array {
  const length = responses.reduce((sum, response) => sum + 1 + response.length, 1);
  const message = new Uint8Array(length);
  let end = 0;
  for (const response of responses) {
    message[end] = end === 0 ? 0x5b /* [ */ : 0x2c /* , */;
    message.set(response, end + 1);
    end += 1 + response.length;
  }
  message[end] = 0x5d /* ] */;
  return message;
}

function report(error: unknown, { method }: RpcContext): void {
  console.error(`The method "${cut(method)}" failed:`, error);
}

/** A name that a stranger has given, short enough to be shown. */
function cut(name: string): string {
  return name.length > 64 ? `${name.slice(0, 63)}…` : name;
}
