/* --exec: a command a question. */
import { Buffer } from "node:buffer";
import type { Arrived, Frames } from "../messages.ts";
import { endCommand, endOf, startCommand } from "./commands.ts";

/** As much as a command may print for an answer, in bytes. */
const LONGEST = 512 * 1024 * 1024;

/**
 * Runs a command with a question on its standard input. Resolves with what it prints; its environment has `NANOSTREAMS_PEER`.
 *
 * @throws {Error} if it fails, or takes longer than `timeout` milliseconds; the message is a sentence.
 */
export function execute(
  command: string,
  { frames, peer }: Arrived,
  timeout: number,
): Promise<Frames> {
  return new Promise((resolve, reject) => {
    const child = startCommand(command, peer === undefined ? {} : { NANOSTREAMS_PEER: peer });
    const printed: Uint8Array[] = [];
    let size = 0;
    const fail = (why: string): void => {
      clearTimeout(timer);
      endCommand(child);
      reject(new Error(`no answer: ${JSON.stringify(command)} ${why}`));
    };
    const timer = timeout > 0x7fff_ffff
      ? undefined
      : setTimeout(() => fail(`took longer than ${timeout} ms`), timeout);
    child.once("error", (error) => fail(`cannot be started: ${error.message}`));
    child.stdout!.on("data", (chunk: Uint8Array) => {
      printed.push(chunk);
      size += chunk.length;
      if (size > LONGEST) fail("printed more than 512 MiB");
    });
    child.once("close", (code, signal) => {
      if (code !== 0) return fail(`ended with ${endOf(code, signal)}`);
      clearTimeout(timer);
      resolve([Buffer.concat(printed)]);
    });
    for (const frame of frames) child.stdin!.write(frame);
    child.stdin!.end();
  });
}
