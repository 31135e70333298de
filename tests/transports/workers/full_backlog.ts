/** Listens on a path and then does nothing any more, not even take in who connects. */

import { writeSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";

createServer().listen({ path: process.argv[2]!, backlog: 1 }, () => {
  writeSync(1, "listening\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
