/** Binds and connects to each address that it is given, in a Deno that may not do so, and prints how each of them failed. */

import { json } from "node:stream/consumers";
import process from "node:process";
import { Pull, Push, SPError } from "../../../mod.ts";
import type { TlsOptions } from "../../../mod.ts";

/** What is to be tried. */
export interface Tries {
  readonly tls: TlsOptions;
  readonly bind: readonly string[];
  readonly connect: readonly string[];
}

/** How it went: what was tried, and the code of the error. */
export type Outcome = readonly [what: string, code: string];

const outcomes: Outcome[] = [];
let current = "";
for (const event of ["error", "unhandledrejection"]) {
  globalThis.addEventListener(event, (thrown) => {
    thrown.preventDefault();
    finish(`uncaught in ${current}`);
  });
}

function finish(end: string): never {
  console.log(JSON.stringify([...outcomes, [end, ""]]));
  process.exit(0);
}

function codeOf(error: unknown): string {
  return error instanceof SPError ? error.code : String(error);
}

const { tls, bind, connect } = await json(process.stdin) as Tries;
for (const address of bind) {
  current = `bind ${address}`;
  await using pull = new Pull({ tls });
  const code = await pull.bind(address).then(() => "bound", codeOf);
  outcomes.push([current, code]);
}
for (const address of connect) {
  current = `connect ${address}`;
  await using push = new Push({ tls });
  const events = push.events().getReader();
  push.connect(address);
  const { value } = await events.read();
  outcomes.push([current, value?.type === "connect-failed" ? value.reason.code : `${value?.type}`]);
}
finish("done");
