import { createWriteStream } from "node:fs";
import { toSetting } from "../config/setting.ts";
import { FormatError } from "../formats/format.ts";
import { toText } from "../formats/lib/bytes.ts";
import { chooseFormat } from "../formats/table.ts";
import type { Hook, HookType } from "./hook.ts";

/** `print`: shows each sample: on the standard output after a `prefix`, or in the file `output`. */
export const print: HookType = {
  name: "print",
  async create({ settings, signals, owner, log, print: write }): Promise<Hook> {
    const output = settings.string("output");
    const prefix = settings.string("prefix") ?? (output === undefined ? `[${owner}] ` : "");
    const chosen = chooseFormat(settings.get("format") ?? toSetting("villas.human"));
    const codec = await chosen.format.open({
      settings: chosen.settings,
      mode: "stream",
      signals,
      offset: true,
      problem: ({ message }) => log.often("print", message),
    });
    const stream = output === undefined ? undefined : createWriteStream(output, { flags: "a" });
    stream?.on("error", ({ message }) => log.often("output", `Cannot write ${output}: ${message}`));
    const show = (bytes: Uint8Array): void => {
      if (stream !== undefined) stream.write(bytes);
      else write(toText(bytes));
    };
    return {
      process(sample) {
        try {
          if (prefix !== "") show(new TextEncoder().encode(prefix));
          show(codec.encode([sample]));
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          log.often("print", error.message);
        }
        return sample;
      },
      stop: () => new Promise((resolve) => stream === undefined ? resolve() : stream.end(resolve)),
    };
  },
};
