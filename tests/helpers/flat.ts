/**
 * `describe` and `test` that name tests alike and nest nothing.
 *
 * Deno 2.9 runs no `t.after` of a test within `node:test`'s `describe`, in silence; a test that cleans up takes these.
 *
 * @module
 */
import { test as declare, type TestContext } from "node:test";

type Body = (t: TestContext) => void | Promise<void>;
type Options = NonNullable<Parameters<typeof declare>[1]>;

const groups: string[] = [];

/** Declares tests whose names begin with this one. */
export function describe(name: string, tests: () => void): void {
  groups.push(name);
  tests();
  groups.pop();
}

/** `node:test`'s, within the groups around it. */
export function test(name: string, ...rest: [Body] | [Options, Body]): void {
  const body = rest.pop() as Body;
  const options = rest[0] as Options | undefined;
  void declare([...groups, name].join(", "), options ?? {}, body);
}
