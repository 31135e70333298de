import { jsonReal } from "../model/numbers.ts";
import type { Setting } from "./setting.ts";

/** How to write JSON. */
export interface JsonStyle {
  /** Blanks for each level; 0 for one line. */
  readonly indent: number;
}

/** A configuration as JSON, in the order of the file; 1.0 stays 1.0. */
export function settingToJson(setting: Setting, { indent }: JsonStyle, level = 0): string {
  const line = indent > 0 ? `\n${" ".repeat(indent * (level + 1))}` : "";
  const last = indent > 0 ? `\n${" ".repeat(indent * level)}` : "";
  const join = (open: string, parts: string[], close: string): string =>
    parts.length === 0
      ? open + close
      : `${open}${line}${parts.join(indent > 0 ? `,${line}` : ", ")}${last}${close}`;
  const inside = (item: Setting): string => settingToJson(item, { indent }, level + 1);
  switch (setting.kind) {
    case "group":
      return join(
        "{",
        [...setting.entries].map(([name, item]) => `${JSON.stringify(name)}: ${inside(item)}`),
        "}",
      );
    case "list":
      return join("[", setting.items.map(inside), "]");
    case "null":
      return "null";
    case "string":
      return JSON.stringify(setting.value);
    case "float":
      return Number.isFinite(setting.value) ? jsonReal(setting.value, 17) : "null";
    default:
      return String(setting.value);
  }
}
