import type { RpcParams } from "./protocol.ts";

/** Options of one call. */
export interface CallOptions {
  /**
   * How often the request is sent at the most, before the call fails with `EATTEMPTS`; by default as the socket's `attempts` says. With
   * 1 a call is executed once at the most.
   */
  attempts?: number | undefined;
  /** Ends the call: it rejects with the signal's reason. The service is not told. */
  signal?: AbortSignal | undefined;
  /** How long to wait, in milliseconds; then it rejects with `ETIMEDOUT`. By default as long as the client's `timeout` says. */
  timeout?: number | undefined;
}

/** Whatever can be called. */
export type AnyMethod = (...params: never[]) => unknown;

/** A service whose methods are not known: its client has `$call`, `$notify` and `$batch`. */
export type UnknownApi = Record<string, (...params: unknown[]) => unknown>;

/**
 * The names of a service's methods.
 *
 * @typeParam Api The implementation's type.
 */
export type MethodName<Api> =
  & { [Name in keyof Api]: Api[Name] extends AnyMethod ? Name : never }[keyof Api]
  & string;

/** Names that a client has for itself, or that JavaScript asks every object for. `$call` reaches methods of such names. */
export type ReservedName =
  | `$${string}`
  | "then"
  | "toJSON"
  | keyof object
  | keyof typeof Object.prototype;

/** Parameters by position, or, for a method that has one parameter, an object of parameters by name. */
export type ParamsOf<Method> = Method extends (...params: infer Params) => unknown
  ? Params | (Params extends [object] ? Params[0] : never)
  : never;

/** What a method's result is once it is there. */
export type ResultOf<Method> = Method extends (...params: never[]) => infer Result ? Awaited<Result>
  : never;

/** Whether one of the parameters may be taken for the options of a call: an object of nothing but `attempts`, `signal`, `timeout`. */
export type LooksLikeOptions<Param> = Param extends object
  ? [keyof Param] extends [never] ? never : [keyof Param] extends [keyof CallOptions] ? true : never
  : never;

/**
 * A method as its caller sees it: the same parameters, perhaps followed by options of the call, and a promise of the result.
 *
 * @typeParam Method The method of the implementation.
 */
export type RemoteMethod<Method> = Method extends (...params: infer Params) => infer Result
  ? [LooksLikeOptions<Params[number]>] extends [never] ? {
      (...params: Params): Promise<Awaited<Result>>;
      (...params: [...params: Params, options: CallOptions | undefined]): Promise<Awaited<Result>>;
    }
  : "A parameter looks like the options of a call: use $call(method, params, options)"
  : never;

/** A call that goes into a batch. */
export interface BatchedCall<Result> {
  /** The method's name. */
  readonly method: string;
  /** Its parameters. */
  readonly params: RpcParams | undefined;
  /** Whether it has no response. */
  readonly isNotification: boolean;
  /** For types alone: it is never there. */
  readonly result?: Result;
}

/**
 * Makes the calls of a batch: `call.add(1, 2)` for each. They take no options, the batch does.
 *
 * @typeParam Api The implementation's type.
 */
export type BatchBuilder<Api> =
  & {
    /** A call by the method's name, whatever that is; parameters by position or by name. */
    $call<Name extends MethodName<Api>>(
      method: Name,
      params?: ParamsOf<Api[Name]>,
    ): BatchedCall<ResultOf<Api[Name]>>;
    /** A notification. */
    $notify<Name extends MethodName<Api>>(
      method: Name,
      params?: ParamsOf<Api[Name]>,
    ): BatchedCall<void>;
  }
  & {
    readonly [
      Name in keyof Api as Name extends ReservedName ? never
        : Api[Name] extends AnyMethod ? Name
        : never
    ]: Api[Name] extends (...params: infer Params) => infer Result
      ? (...params: Params) => BatchedCall<Awaited<Result>>
      : never;
  };

/** How the calls of a batch came out, in their order; that of a notification is always fulfilled. */
export type BatchResults<Calls extends readonly BatchedCall<unknown>[]> = {
  -readonly [Index in keyof Calls]: PromiseSettledResult<
    Calls[Index] extends BatchedCall<infer Result> ? Result : never
  >;
};

/** What every client can do, whatever its service has. */
export interface RpcCalls<Api> {
  /**
   * Calls a method by its name, whatever that is.
   *
   * @param method Its name.
   * @param params An array by position, or an object by name; none if left out.
   * @param options A time and a signal that end the wait, and how often it is sent.
   * @throws {RpcError} What the service says. @throws {SPError} As a method of the client.
   */
  $call<Name extends MethodName<Api>>(
    method: Name,
    params?: ParamsOf<Api[Name]>,
    options?: CallOptions,
  ): Promise<ResultOf<Api[Name]>>;
  /**
   * Calls a method without wanting to know how it comes out. Resolves once the service has dealt with it, well or not.
   *
   * @param method Its name.
   * @param params An array by position, or an object by name; none if left out.
   * @param options As of `$call`.
   * @throws {SPError} As a method of the client.
   */
  $notify<Name extends MethodName<Api>>(
    method: Name,
    params?: ParamsOf<Api[Name]>,
    options?: CallOptions,
  ): Promise<void>;
  /**
   * Makes several calls in one message, which one service gets.
   *
   * @param build Gets what makes the calls; returns them in an array.
   * @param options As of `$call`, for all of them together.
   * @returns How each came out, as `Promise.allSettled` has it.
   * @throws {RpcError} The service refuses the batch as a whole. @throws {SPError} As a method of the client.
   */
  $batch<const Calls extends readonly BatchedCall<unknown>[]>(
    build: (call: BatchBuilder<Api>) => Calls,
    options?: CallOptions,
  ): Promise<BatchResults<Calls>>;
}

/**
 * A service's methods, to be called from afar; see `rpcClient`.
 *
 * @typeParam Api The implementation's type.
 */
export type RpcClient<Api> =
  & RpcCalls<Api>
  & {
    readonly [
      Name in keyof Api as Name extends ReservedName ? never
        : Api[Name] extends AnyMethod ? Name
        : never
    ]: RemoteMethod<Api[Name]>;
  };
