/** The messages of JSON-RPC 2.0 (https://www.jsonrpc.org/specification). */

import { RpcCode, RpcError, type RpcErrorLike } from "./errors.ts";
import { invalid } from "./json.ts";

/** What a caller knows its call by. */
export type RpcId = string | number | null;

/** Parameters by position, or by name. */
export type RpcParams = readonly unknown[] | Readonly<Record<string, unknown>>;

/** A call that has come. */
export interface Request {
  /** Undefined for a notification, which has no response. */
  readonly id: RpcId | undefined;
  readonly method: string;
  readonly params: RpcParams | undefined;
}

/** What is in the place of a call, and is none. */
export interface Refusal {
  /** The call's, as far as it can be told; else null. */
  readonly id: RpcId;
  readonly error: RpcError;
}

/** A response that has come: either with an error, or with a result. */
export interface Response {
  readonly id: RpcId;
  readonly error: RpcErrorLike | undefined;
  readonly result: unknown;
}

/** Reads a call; a batch's are read one by one. */
export function readRequest(value: unknown): Request | Refusal {
  if (!isObject(value)) return { id: null, error: invalid("expected an object") };
  const { jsonrpc, method, params } = value;
  const hasId = Object.hasOwn(value, "id");
  const { id } = value;
  if (hasId && !isId(id)) {
    const wanted = "a string, null, or a number that is exact in 64-bit floating point";
    return { id: null, error: invalid(`"id" must be ${wanted}`) };
  }
  const why = jsonrpc !== "2.0"
    ? '"jsonrpc" must be "2.0"'
    : typeof method !== "string"
    ? '"method" must be a string'
    : params !== undefined && !Array.isArray(params) && !isObject(params)
    ? '"params" must be an array or an object'
    : undefined;
  if (why !== undefined) return { id: hasId ? id as RpcId : null, error: invalid(why) };
  return {
    id: hasId ? id as RpcId : undefined,
    method: method as string,
    params: params as RpcParams | undefined,
  };
}

/**
 * Reads a response.
 *
 * @returns What is wrong with it, if anything is.
 */
export function readResponse(value: unknown): Response | string {
  if (!isObject(value)) return "expected an object";
  if (value["jsonrpc"] !== "2.0") return '"jsonrpc" must be "2.0"';
  const { id, result, error } = value;
  if (!isId(id)) return '"id" must be a string, a number, or null';
  if (Object.hasOwn(value, "result") === Object.hasOwn(value, "error")) {
    return 'expected either "result" or "error"';
  }
  if (Object.hasOwn(value, "result")) return { id, result, error: undefined };
  if (!isErrorLike(error)) return '"error" must have a whole number "code" and a text "message"';
  return { id, result: undefined, error };
}

/** Writes a call, or a notification if it has no id. Throws where JSON cannot hold the parameters. */
export function requestText(method: string, params: RpcParams | undefined, id?: number): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params, id });
}

/** Writes a response with a result. Throws where JSON cannot hold it. */
export function resultText(id: RpcId, result: unknown): string {
  // What is left out in JSON is null where it stands by itself; a function or a symbol is a mistake.
  if (typeof result === "function" || typeof result === "symbol") {
    throw new TypeError(`JSON cannot hold a ${typeof result}`);
  }
  // What toJSON has made of it may be undefined.
  return `{"jsonrpc":"2.0","result":${JSON.stringify(result) ?? "null"},"id":${
    JSON.stringify(id)
  }}`;
}

/** Writes a response with an error. Throws where JSON cannot hold its data, or if it is no error. */
export function errorText(id: RpcId, error: RpcErrorLike): string {
  if (!isErrorLike(error)) {
    throw new TypeError("An RpcError needs a whole number as its code, and a text as its message");
  }
  const { code, message, data } = error;
  return JSON.stringify({ jsonrpc: "2.0", error: { code, message, data }, id });
}

/** The error of a call whose reason is not told. */
export function internalError(): RpcError {
  return new RpcError(RpcCode.internalError, "Internal error");
}

/** Whether it is an object of JSON. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number that JavaScript cannot hold would come back as another one: no caller would know it again. */
function isId(value: unknown): value is RpcId {
  if (typeof value === "number") {
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  }
  return typeof value === "string" || value === null;
}

function isErrorLike(value: unknown): value is RpcErrorLike {
  const { code, message } = Object(value) as Partial<RpcErrorLike>;
  return Number.isInteger(code) && typeof message === "string";
}
