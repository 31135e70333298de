import { ConfigError, describeSetting, type GroupSetting, type Setting } from "./setting.ts";

/** A group of settings, read by name and kind. What has the wrong kind is an error with its place; unknown names are ignored. */
export class Settings {
  /** The group itself. */
  readonly group: GroupSetting;
  /** The names that lead here, such as `nodes.meter.in`; for errors. */
  readonly path: string;

  /**
   * Makes a reader of a group.
   *
   * @param group The group.
   * @param path The names that lead to it; default none.
   */
  constructor(group: GroupSetting, path = "") {
    this.group = group;
    this.path = path;
  }

  /** The names, in the order of the file. */
  get names(): string[] {
    return [...this.group.entries.keys()];
  }

  /** A setting as it is. JSON's null is as good as nothing. */
  get(name: string): Setting | undefined {
    const setting = this.group.entries.get(name);
    return setting?.kind === "null" ? undefined : setting;
  }

  /** A text. */
  string(name: string): string | undefined {
    const setting = this.get(name);
    if (setting === undefined) return undefined;
    if (setting.kind !== "string") throw this.wrong(name, "a string", setting);
    return setting.value;
  }

  /** A text that is one of these. */
  oneOf<const T extends string>(name: string, wanted: readonly T[]): T | undefined {
    const value = this.string(name);
    if (value === undefined || wanted.includes(value as T)) return value as T | undefined;
    throw this.wrong(name, `one of ${wanted.map((one) => `"${one}"`).join(", ")}`, this.get(name)!);
  }

  /** A boolean. */
  boolean(name: string): boolean | undefined {
    const setting = this.get(name);
    if (setting === undefined) return undefined;
    if (setting.kind !== "boolean") throw this.wrong(name, "true or false", setting);
    return setting.value;
  }

  /** A number, integer or not. */
  number(name: string, min: number = -Infinity): number | undefined {
    const setting = this.get(name);
    if (setting === undefined) return undefined;
    const value = numberOf(setting);
    const wanted = min === -Infinity ? "a number" : `a number of at least ${min}`;
    if (value === undefined || !(value >= min)) throw this.wrong(name, wanted, setting);
    return value;
  }

  /** An integer within limits. */
  integer(
    name: string,
    min: number = Number.MIN_SAFE_INTEGER,
    max: number = Number.MAX_SAFE_INTEGER,
  ): number | undefined {
    const setting = this.get(name);
    if (setting === undefined) return undefined;
    const value = setting.kind === "integer" ? Number(setting.value) : Number.NaN;
    if (value >= min && value <= max) return value;
    const limits = [
      ...(min === Number.MIN_SAFE_INTEGER ? [] : [`at least ${min}`]),
      ...(max === Number.MAX_SAFE_INTEGER ? [] : [`at most ${max}`]),
    ];
    const wanted = limits.length === 0 ? "an integer" : `an integer, ${limits.join(" and ")}`;
    throw this.wrong(name, wanted, setting);
  }

  /** A text of one character. */
  character(name: string): string | undefined {
    const value = this.string(name);
    if (value === undefined || value.length === 1) return value;
    throw this.wrong(name, "a single character", this.get(name)!);
  }

  /** One text, or a list of them. */
  strings(name: string): string[] | undefined {
    const setting = this.get(name);
    if (setting === undefined) return undefined;
    const items = setting.kind === "list" ? setting.items : [setting];
    return items.map((item) => {
      if (item.kind !== "string") throw this.wrong(name, "a string, or a list of strings", item);
      return item.value;
    });
  }

  /** A group. */
  settings(name: string): Settings | undefined {
    const setting = this.get(name);
    if (setting === undefined) return undefined;
    if (setting.kind !== "group") throw this.wrong(name, "a group", setting);
    return new Settings(setting, this.#inside(name));
  }

  /** A list. */
  list(name: string): readonly Setting[] | undefined {
    const setting = this.get(name);
    if (setting === undefined) return undefined;
    if (setting.kind !== "list") throw this.wrong(name, "a list", setting);
    return setting.items;
  }

  /** The error that a setting is not as wanted. */
  wrong(name: string, wanted: string, got: Setting): ConfigError {
    const text = `Invalid "${this.#inside(name)}": expected ${wanted}, got ${describeSetting(got)}`;
    return new ConfigError(got.at, text);
  }

  /** An error at a setting, or at the group if it is not there. */
  error(name: string, message: string): ConfigError {
    return new ConfigError((this.group.entries.get(name) ?? this.group).at, message);
  }

  #inside(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}

/** The value of a setting that is a number. */
export function numberOf(setting: Setting): number | undefined {
  if (setting.kind === "integer") return Number(setting.value);
  return setting.kind === "float" ? setting.value : undefined;
}
