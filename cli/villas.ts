#!/usr/bin/env node
/**
 * villas: a gateway that takes the place of VILLASnode's `nanomsg` and `zeromq` nodes, and its tools. The flags, exit statuses and
 * formats are VILLASnode's.
 *
 * Exit status: 0 the end; 1 the command line is wrong; 255 the configuration is wrong, or a node cannot start.
 *
 * @example
 * ```sh
 * deno run -A jsr:@nanostreams/nanostreams/villas/cli node lab.conf
 * node cli/villas.ts signal -r 100 mixed | node cli/villas.ts pipe lab.conf meter
 * node cli/villas.ts node lab.conf --page 8080
 * ```
 *
 * @module
 */
import process from "node:process";
import { runVillas } from "./villas/main.ts";

const status = await runVillas(process.argv.slice(2));
// Standard input may still be open, and would keep the process.
await new Promise((resolve) => process.stderr.write("", resolve));
process.exit(status);
