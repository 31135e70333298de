/**
 * ZeroMQ's sockets in pure TypeScript.
 *
 * @module
 */
import "../transports/all.ts";

export * from "./exports.ts";
