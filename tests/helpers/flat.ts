/**
 * `describe` and `test` that name tests alike and nest nothing.
 *
 * Deno 2.9 runs no `t.after` of a test within `node:test`'s `describe`, in silence; a test that cleans up takes these.
 *
 * @module
 */
import { test as declare, type TestContext } from "node:test";

type Body = (t: TestContext) => void | Promise<void>;

interface Options {
  /** The reason, if it is not to be run. */
  readonly skip?: string | false;
}

const groups: string[] = [];

/** Declares tests whose names begin with this one. */
export function describe(name: string, tests: () => void): void {
  groups.push(name);
  tests();
  groups.pop();
}

/** `node:test`'s, within the groups around it. */
export function test(name: string, body: Body): void;
export function test(name: string, options: Options, body: Body): void;
export function test(name: string, first: Options | Body, second?: Body): void {
  const full = [...groups, name].join(", ");
  if (typeof first === "function") void declare(full, first);
  else void declare(full, first, second!);
}
