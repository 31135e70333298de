import { ConfigError, NOWHERE, type Setting, toSetting } from "../config/setting.ts";
import { Settings } from "../config/settings.ts";
import { parseJson } from "../config/json.ts";
import { binary } from "./binary.ts";
import { csv } from "./csv.ts";
import type { Format } from "./format.ts";
import { gtnet } from "./gtnet.ts";
import { human } from "./human.ts";
import { json } from "./json.ts";
import { jsonEdgeflex } from "./json_edgeflex.ts";
import { jsonKafka } from "./json_kafka.ts";
import { jsonReserve } from "./json_reserve.ts";
import { opalAsyncip } from "./opal_asyncip.ts";
import { protobuf } from "./protobuf.ts";
import { raw } from "./raw.ts";
import { tsv } from "./tsv.ts";
import { value } from "./value.ts";
import { web } from "./web.ts";

/** All formats. */
export const FORMATS: readonly Format[] = [
  csv,
  gtnet,
  json,
  jsonEdgeflex,
  jsonKafka,
  jsonReserve,
  opalAsyncip,
  protobuf,
  raw,
  tsv,
  value,
  binary,
  human,
  web,
];

/** A format with its options. */
export interface ChosenFormat {
  /** The format. */
  readonly format: Format;
  /** Its options; empty if there are none. */
  readonly settings: Settings;
}

/**
 * Finds a format: by its name, or by a group with `type` and options.
 *
 * @throws {ConfigError} If there is none of that name.
 */
export function chooseFormat(setting: Setting): ChosenFormat {
  if (setting.kind !== "string" && setting.kind !== "group") {
    throw new ConfigError(setting.at, 'Invalid "format": expected a name, or a group with "type"');
  }
  const settings = setting.kind === "group"
    ? new Settings(setting, "format")
    : new Settings({ kind: "group", at: setting.at, entries: new Map() }, "format");
  const name = setting.kind === "string" ? setting.value : settings.string("type");
  if (name === undefined) throw settings.error("type", 'Missing "format.type"');
  const format = FORMATS.find((one) => one.name === name);
  if (format !== undefined) return { format, settings };
  const known = FORMATS.map((one) => one.name).join(", ");
  throw new ConfigError(setting.at, `Unknown format: ${name}; there are: ${known}`);
}

/** As {@linkcode chooseFormat}, from a command line: a name, or a JSON object. */
export function chooseFormatText(text: string): ChosenFormat {
  return chooseFormat(
    text.trimStart().startsWith("{") ? parseJson(text, "the format") : toSetting(text, NOWHERE),
  );
}
