import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { parseJson } from "./json.ts";
import { parseLibconfig } from "./libconfig.ts";
import type { Include } from "./scanner.ts";
import { ConfigError, type GroupSetting, type Position, type Setting } from "./setting.ts";

/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Options of {@linkcode loadConfig}. */
export interface LoadOptions {
  /** What `${NAME}` in strings stands for; default the environment. */
  readonly variables?: Variables;
  /** Takes warnings about what VILLASnode calls deprecated. */
  readonly warn?: (text: string) => void;
}

/**
 * Reads a configuration file as VILLASnode does: one that ends in `.json` as JSON, any other as libconfig. In
 * both, `${NAME}` in strings is replaced, and a string `@include FILE` by the JSON file.
 *
 * @param file Its path.
 * @param options Variables, and where warnings go.
 * @returns The root.
 * @throws {ConfigError} With file, line and column.
 */
export function loadConfig(file: string, options: LoadOptions = {}): GroupSetting {
  const { variables = process.env, warn = () => {} } = options;
  const expander = new Expander(dirname(file), variables, warn);
  const text = read(file, { file, line: 0, column: 0 });
  const root = file.endsWith(".json")
    ? parseJson(text, file)
    : parseLibconfig(text, { file, include: expander.files });
  if (root.kind !== "group") throw new ConfigError(root.at, 'Expected "{" at the beginning');
  return expander.expand(root) as GroupSetting;
}

function read(file: string, at: Position): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(at, `Cannot read "${file}": ${reason}`, { cause });
  }
}

/** Fills in variables and files. */
class Expander {
  readonly #folder: string;
  readonly #variables: Variables;
  readonly #warn: (text: string) => void;
  #level = 0;

  constructor(folder: string, variables: Variables, warn: (text: string) => void) {
    this.#folder = folder;
    this.#variables = variables;
    this.#warn = warn;
  }

  /** The files of an `@include`: a path or a pattern, within the folder of the configuration. */
  readonly files: Include = (pattern, at) => {
    const paths = this.#find(this.#substitute(pattern, at), at);
    return paths.map((path) => ({ file: path, text: read(path, at) }));
  };

  expand(setting: Setting): Setting {
    switch (setting.kind) {
      case "group": {
        const entries = [...setting.entries];
        return {
          ...setting,
          entries: new Map(entries.map(([name, item]) => [name, this.expand(item)])),
        };
      }
      case "list":
        return { ...setting, items: setting.items.map((item) => this.expand(item)) };
      case "string":
        return this.#string(setting.value, setting.at);
      default:
        return setting;
    }
  }

  #string(text: string, at: Position): Setting {
    const value = this.#substitute(text, at);
    if (!value.startsWith("@include ")) return { kind: "string", at, value };
    this.#warn(`${at.file}:${at.line}: an "@include" in a string is deprecated`);
    if (++this.#level > 10) throw new ConfigError(at, `Cannot include: more than 10 levels`);
    const parts = this.#find(value.slice("@include ".length).trim(), at)
      .map((path) => this.expand(parseJson(read(path, at), path)));
    this.#level--;
    return parts.length === 1 ? parts[0]! : merge(parts, at);
  }

  #substitute(text: string, at: Position): string {
    return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const value = this.#variables[name];
      if (value === undefined) {
        throw new ConfigError(at, `Cannot replace "\${${name}}": no such environment variable`);
      }
      return value;
    });
  }

  #find(pattern: string, at: Position): string[] {
    const path = isAbsolute(pattern) ? pattern : join(this.#folder, pattern);
    const found = existsSync(path) ? [path] : /[*?]/.test(basename(path)) ? glob(path) : [];
    if (found.length === 0) throw new ConfigError(at, `Cannot include "${pattern}": no such file`);
    return found;
  }
}

/** Several files in the place of one: lists one after the other, or groups in one. */
function merge(parts: readonly Setting[], at: Position): Setting {
  if (parts.every((part) => part.kind === "list")) {
    return { kind: "list", at, items: parts.flatMap(({ items }) => items) };
  }
  if (parts.every((part) => part.kind === "group")) {
    return { kind: "group", at, entries: new Map(parts.flatMap(({ entries }) => [...entries])) };
  }
  throw new ConfigError(at, "Cannot include these files: expected only objects, or only arrays");
}

/** The files whose names fit, in order; only the last part of a path may have `*` and `?`. */
function glob(path: string): string[] {
  const folder = dirname(path);
  const pattern = basename(path).replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*").replaceAll("?", ".");
  const fits = new RegExp(`^${pattern}$`);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => fits.test(name)).sort()
    .map((name) => join(folder, name));
}
