import { SPError } from "../common.ts";
import { contextHandler } from "./context.ts";

/** A method that is served, with the object that it belongs to. */
export interface Method {
  readonly handler: (...params: never) => unknown;
  /** Whether it gets the context before its parameters. */
  readonly wantsContext: boolean;
}

/**
 * Collects the methods of an implementation, once: whatever a caller names is looked up among them, and nowhere else.
 *
 * They are the functions that are its own enumerable properties, and, if it is an instance of a class, those of that class. What
 * it inherits from further up may be somebody else's (`EventEmitter`), so it is served only if it is named. Accessors are not
 * methods; neither is `constructor`, nor anything of `Object.prototype`.
 *
 * @param implementation The object.
 * @param names The methods to serve, if not all.
 * @throws {SPError} `EINVAL` if there is none, or none of a name.
 */
export function collectMethods(
  implementation: object,
  names: readonly string[] | undefined,
): ReadonlyMap<string, Method> {
  const found = names === undefined
    ? [...ownMethods(implementation), ...classMethods(implementation)]
    : names;
  const methods = new Map<string, Method>();
  for (const name of found) {
    const method = findMethod(implementation, name);
    if (method !== undefined) methods.set(name, method);
    else if (names !== undefined) {
      throw new SPError("EINVAL", `Cannot serve "${name}": the implementation has no such method`);
    }
  }
  if (methods.size === 0) {
    throw new SPError("EINVAL", "Cannot serve an implementation that has no methods");
  }
  return methods;
}

function ownMethods(implementation: object): string[] {
  return Object.keys(implementation);
}

function classMethods(implementation: object): string[] {
  const prototype = Object.getPrototypeOf(implementation);
  return isEnd(prototype) ? [] : Object.getOwnPropertyNames(prototype);
}

function findMethod(implementation: object, name: string): Method | undefined {
  if (name === "constructor") return undefined;
  for (let object = implementation; !isEnd(object); object = Object.getPrototypeOf(object)) {
    const property = Object.getOwnPropertyDescriptor(object, name);
    if (property === undefined) continue;
    const { value } = property;
    if (typeof value !== "function") return undefined;
    const handler = contextHandler(value);
    return { handler: handler ?? value, wantsContext: handler !== undefined };
  }
  return undefined;
}

/** Whether it is the end of a chain of prototypes. */
function isEnd(object: object | null): boolean {
  return object === null || object === Object.prototype;
}
