/** A place in a configuration; lines and columns count from 1. */
export interface Position {
  /** The file; empty if there is none. */
  readonly file: string;
  /** From 1; 0 if there is no file. */
  readonly line: number;
  /** From 1; 0 if there is no file. */
  readonly column: number;
}

/** Named settings. */
export interface GroupSetting {
  /** Tells it from other settings. */
  readonly kind: "group";
  /** Where it begins. */
  readonly at: Position;
  /** The settings by their names, in the order of the file. */
  readonly entries: ReadonlyMap<string, Setting>;
}

/** A list or an array. */
export interface ListSetting {
  /** Tells it from other settings. */
  readonly kind: "list";
  /** Where it begins. */
  readonly at: Position;
  /** What is in it, in order. */
  readonly items: readonly Setting[];
}

/** A single value. */
export type ScalarSetting =
  | { readonly kind: "string"; readonly at: Position; readonly value: string }
  | { readonly kind: "integer"; readonly at: Position; readonly value: bigint }
  | { readonly kind: "float"; readonly at: Position; readonly value: number }
  | { readonly kind: "boolean"; readonly at: Position; readonly value: boolean }
  | { readonly kind: "null"; readonly at: Position };

/** What a configuration is made of. It keeps where it was written, and 1 apart from 1.0. */
export type Setting = GroupSetting | ListSetting | ScalarSetting;

/** The place of what was not read from a file. */
export const NOWHERE: Position = { file: "", line: 0, column: 0 };

/** A configuration that cannot be used: says where it is wrong, and what was wanted. */
export class ConfigError extends Error {
  /** The name of the class. */
  override readonly name = "ConfigError";
  /** The file; empty if there is none. */
  readonly file: string;
  /** From 1; 0 if there is no file. */
  readonly line: number;
  /** From 1; 0 if there is no file. */
  readonly column: number;

  /**
   * Makes an error whose message begins with the place.
   *
   * @param at Where it is wrong.
   * @param message What is wrong, and what was wanted.
   * @param options The cause, if there is one.
   */
  constructor({ file, line, column }: Position, message: string, options?: ErrorOptions) {
    const place = line > 0 ? `${file || "configuration"}:${line}:${column}: ` : "";
    super(`${place}${message}`, options);
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/** A setting of a plain value, for configurations that a program makes. Undefined properties are left out. */
export function toSetting(value: unknown, at: Position = NOWHERE): Setting {
  if (value === null) return { kind: "null", at };
  if (Array.isArray(value)) {
    return { kind: "list", at, items: value.map((item) => toSetting(item, at)) };
  }
  switch (typeof value) {
    case "string":
      return { kind: "string", at, value };
    case "boolean":
      return { kind: "boolean", at, value };
    case "bigint":
      return { kind: "integer", at, value };
    case "number":
      return Number.isSafeInteger(value)
        ? { kind: "integer", at, value: BigInt(value) }
        : { kind: "float", at, value };
    case "object": {
      const entries = Object.entries(value as object).filter(([, item]) => item !== undefined);
      return {
        kind: "group",
        at,
        entries: new Map(entries.map(([name, item]) => [name, toSetting(item, at)])),
      };
    }
    default:
      throw new ConfigError(at, `Cannot use a ${typeof value} as a setting`);
  }
}

/** A setting in a few words, for errors. */
export function describeSetting(setting: Setting): string {
  switch (setting.kind) {
    case "group":
      return "a group";
    case "list":
      return "a list";
    case "null":
      return "null";
    case "string":
      return JSON.stringify(setting.value);
    default:
      return String(setting.value);
  }
}
