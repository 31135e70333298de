import type { Writable } from "node:stream";

/**
 * Writes lines, as fast as they are taken.
 *
 * @returns False once nobody reads them any more.
 */
export async function writeLines(out: Writable, lines: Iterable<string>): Promise<boolean> {
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure = error;
  };
  out.on("error", fail);
  try {
    let block = "";
    for (const line of lines) {
      block += `${line}\n`;
      if (block.length < BLOCK) continue;
      await write(out, block);
      if (failure !== undefined) break;
      block = "";
    }
    if (failure === undefined) await write(out, block);
  } finally {
    out.off("error", fail);
  }
  if (failure === undefined) return true;
  if ((failure as { code?: string }).code === "EPIPE") return false;
  throw failure;
}

/** How much is written at once, in characters. */
const BLOCK = 16 * 1024;

/** Resolves once it is written, or cannot be. */
function write(out: Writable, text: string): Promise<void> {
  return new Promise((resolve) => out.write(text, () => resolve()));
}
