/**
 * ZeroMQ's sockets in pure TypeScript.
 *
 * @module
 */
import "../mod.ts";

export * from "./exports.ts";
