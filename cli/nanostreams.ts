#!/usr/bin/env node
/**
 * nanostreams: sockets of nanomsg and ZeroMQ on the command line.
 *
 * Exit status: 0 it is done; 1 it failed; 2 the command line is wrong; 4 no answer in time; 130 and 143 after SIGINT and SIGTERM.
 *
 * @example
 * ```sh
 * nanostreams pull tcp://127.0.0.1:5555 --count 1
 * echo hello | nanostreams push tcp://127.0.0.1:5555
 * deno run -A jsr:@nanostreams/nanostreams/cli --help
 * ```
 *
 * @module
 */
import process from "node:process";
import { main } from "./nanostreams/main.ts";

const status = await main(process.argv.slice(2));
// Standard input may still be open, and would keep the process.
await new Promise((resolve) => process.stderr.write("", resolve));
process.exit(status);
