/*
 * Why Bun collects garbage less often.
 *
 * JavaScriptCore collects once about as much has been made as was alive last time, and counts the bytes of arrays. A small
 * program has a few MiB alive. So while messages come fast it collects after each 8 MiB of them, hundreds of times a
 * second, in a quarter of the receiver's time (`BUN_JSC_logGC=1` tells each). Therefore it gets more that is alive: memory
 * that nobody ever touches, so that it takes no room. What becomes of it are Bun's rows of large messages in `npm run bench --
 * throughput`.
 */
import { builtin } from "./node.ts";
import type { BufferModule } from "./node_api.ts";
import { onceReceivedMany } from "./once_received.ts";

/** Twice as much makes nothing faster, and has more garbage wait. */
const SIZE = 16 * 1024 * 1024;

/** Held for as long as the thread lives. */
const ballast: Uint8Array[] = [];

/** From now on, about so much more is made between two collections. */
export function addBallast(): void {
  ballast.push(builtin<BufferModule>("node:buffer").Buffer.allocUnsafeSlow(SIZE));
}

/** Takes how much comes, each time; adds the ballast once that is much. */
export const countForBallast: (length: number) => void = onceReceivedMany(addBallast);
