import { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import { Output } from "../lib/output.ts";
import { EXIT, Failure } from "./ends.ts";

/**
 * Writes lines, as fast as they are taken; no more of them are asked for once nobody reads them.
 *
 * @throws {Failure} if they cannot be written; that nobody reads them is none, but status 0.
 */
export async function writeLines(
  out: Writable,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  let failure: Error | undefined;
  const output = new Output(out, (error) => failure = error);
  for await (const line of lines) {
    await output.write(Buffer.from(`${line}\n`));
    if (failure !== undefined) break;
  }
  await output.finish();
  if (failure === undefined || (failure as { code?: string }).code === "EPIPE") return;
  throw new Failure(EXIT.failed, `cannot print: ${failure.message}`, { cause: failure });
}
