import { SPError } from "../../../../src/base/errors.ts";

/** Gives the error of a name that cannot be bound, because nobody knows it, its code: Bun gives it none (seen with Bun 1.4.5). */
export function withNameCode<Failure>(error: Failure): Failure {
  if (!("Bun" in globalThis) || !(error instanceof Error) || error instanceof SPError) return error;
  return "code" in error && error.code !== undefined
    ? error
    : Object.assign(error, { code: "ENOTFOUND" });
}
