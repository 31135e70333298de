/** The defaults that the doc comments of options promise, which every user sees in an editor. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT } from "../helpers/runtimes.ts";

/** Where options are declared. */
const FILES = [
  "patterns/answering.ts",
  "patterns/bus.ts",
  "patterns/pair1.ts",
  "patterns/pubsub.ts",
  "patterns/raw.ts",
  "patterns/reqrep.ts",
  "patterns/survey.ts",
  "src/answering/replies.ts",
  "src/base/wait.ts",
  "src/sp/framing.ts",
  "src/socket/socket.ts",
  "src/streams/text_message.ts",
  "src/surface/options.ts",
  "transports/options.ts",
  "zmtp/options.ts",
  "zmtp/patterns/pubsub.ts",
  "zmtp/patterns/reqrep.ts",
  "zmtp/patterns/router.ts",
  "zmtp/patterns/xpubsub.ts",
  "zmtp/proxy.ts",
  "zmtp/security.ts",
  "zmtp/wire/heartbeat.ts",
];

/** A doc comment, and the optional member behind it. */
const MEMBER = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(?:readonly )?(\w+)\?:/g;

/** What may stand for a value in a comment. */
const VALUE = /(?:0o\d+|\d[\d,]*)(?: (?:KiB|MiB))?|`[^`]+`|true|false/g;

/** By an option's name, all values that the sentences about its defaults have in them. */
export async function documentedDefaults(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const file of FILES) {
    const source = await readFile(join(PROJECT, file), "utf8");
    for (const [, comment, name] of source.matchAll(MEMBER)) {
      const text = comment!.replaceAll(/\n\s*\*/g, " ");
      const values = found.get(name!) ?? new Set();
      found.set(name!, values);
      for (const [said] of text.matchAll(/\bdefaults?\b[^;]*/gi)) {
        for (const [value] of said.matchAll(VALUE)) values.add(plain(value));
      }
      // `"drop-oldest"` (the default)
      for (const [, value] of text.matchAll(/`([^`]+)`(?: \(|, )the default/g)) {
        values.add(plain(value!));
      }
      if (/True \(the default\)/.test(text)) values.add("true");
    }
  }
  return found;
}

function plain(value: string): string {
  const [, number, unit] = /^([\d,]+)(?: (KiB|MiB))?$/.exec(value) ?? [];
  if (number === undefined) return value.replaceAll("`", "").replace(/^"(.*)"$/, "$1");
  return String(
    Number(number.replaceAll(",", "")) * (unit === "MiB" ? 2 ** 20 : unit ? 2 ** 10 : 1),
  );
}
