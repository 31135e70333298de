/**
 * Makes an object on which every name is a method, but for those that JavaScript asks objects for by itself: it is no promise
 * (`then`), JSON of it is `{}` (`toJSON`), and `toString` and the like call nobody.
 *
 * @param own Methods of its own.
 * @param call Does the work of all others.
 */
export function methodProxy(
  own: Readonly<Record<string, unknown>>,
  call: (method: string, args: readonly unknown[]) => unknown,
): object {
  return new Proxy(Object.freeze(Object.create(null)), {
    get(_target, name) {
      if (typeof name === "symbol" || isReserved(name)) return undefined;
      if (Object.hasOwn(own, name)) return own[name];
      return (...args: unknown[]) => call(name, args);
    },
  });
}

function isReserved(name: string): boolean {
  return name === "then" || name === "toJSON" || name in Object.prototype;
}
