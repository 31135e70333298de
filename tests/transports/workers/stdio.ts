/** A program whose peer is at its standard input and output: it answers each question in capitals, until its input ends. */

import process from "node:process";
import { Readable, Writable } from "node:stream";
import { Rep } from "../../../mod.ts";

await using rep = new Rep();
rep.serve((text) => new TextDecoder().decode(text).toUpperCase());
const { closed } = rep.attach({
  readable: Readable.toWeb(process.stdin),
  writable: Writable.toWeb(process.stdout),
});
await closed;
