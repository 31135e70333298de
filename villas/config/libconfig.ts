import { describeToken, type Include, Scanner, type Token } from "./scanner.ts";
import { ConfigError, type GroupSetting, type Setting } from "./setting.ts";

/** How deep groups and lists may be nested. */
const MOST_LEVELS = 200;

/** Options of {@linkcode parseLibconfig}. */
export interface LibconfigOptions {
  /** The file's name, for errors. */
  readonly file?: string;
  /** Finds the files of an `@include`; without it, one is an error. */
  readonly include?: Include;
}

/**
 * Reads a configuration in libconfig's grammar, as libconfig 1.8 takes it.
 *
 * @param text The file.
 * @param options Its name, and how to find what it includes.
 * @returns The root: a group.
 * @throws {ConfigError} At the first place that does not fit the grammar.
 */
export function parseLibconfig(text: string, options: LibconfigOptions = {}): GroupSetting {
  const { file = "", include = noInclude } = options;
  return new Parser(new Scanner(text, file, include)).config();
}

const noInclude: Include = (pattern, at) => {
  throw new ConfigError(at, `Cannot include "${pattern}": there are no files here`);
};

/** One method for each rule of the grammar. */
class Parser {
  readonly #scanner: Scanner;
  #token: Token;
  #level = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#token = scanner.next();
  }

  config(): GroupSetting {
    const { at } = this.#token;
    const entries = this.#settings();
    if (this.#token.kind !== "end") throw this.#unexpected("the name of a setting");
    return { kind: "group", at, entries };
  }

  #settings(): Map<string, Setting> {
    const entries = new Map<string, Setting>();
    while (this.#token.kind === "name") {
      const { at, value: name } = this.#token;
      if (entries.has(name)) throw new ConfigError(at, `Duplicate setting name "${name}"`);
      this.#advance();
      if (!this.#skip("=") && !this.#skip(":")) {
        throw this.#unexpected(`"=" or ":" after "${name}"`);
      }
      entries.set(name, this.#value());
      if (!this.#skip(";")) this.#skip(",");
    }
    return entries;
  }

  #value(): Setting {
    const { at } = this.#token;
    const mark = this.#token.kind === "mark" ? this.#token.value : "";
    if (mark !== "{" && mark !== "[" && mark !== "(") return this.#scalar("a value");
    if (++this.#level > MOST_LEVELS) {
      throw new ConfigError(at, `Too deep: expected at most ${MOST_LEVELS} levels`);
    }
    this.#advance();
    const setting = mark === "{"
      ? this.#group(at)
      : mark === "["
      ? this.#array(at)
      : this.#list(at);
    this.#level--;
    return setting;
  }

  #group(at: Token["at"]): Setting {
    const entries = this.#settings();
    if (!this.#skip("}")) throw this.#unexpected('the name of a setting, or "}"');
    return { kind: "group", at, entries };
  }

  #array(at: Token["at"]): Setting {
    const items: Setting[] = [];
    while (!this.#skip("]")) {
      const item = this.#scalar('a value, or "]"');
      if (items.length > 0 && item.kind !== items[0]!.kind) {
        throw new ConfigError(
          item.at,
          `Unexpected ${item.kind} in this array: expected another ${
            items[0]!.kind
          }, as its first value`,
        );
      }
      items.push(item);
      if (!this.#skip(",") && !this.#is("]")) throw this.#unexpected('"," or "]"');
    }
    return { kind: "list", at, items };
  }

  #list(at: Token["at"]): Setting {
    const items: Setting[] = [];
    while (!this.#skip(")")) {
      items.push(this.#value());
      if (!this.#skip(",") && !this.#is(")")) throw this.#unexpected('"," or ")"');
    }
    return { kind: "list", at, items };
  }

  #scalar(wanted: string): Setting {
    const token = this.#token;
    switch (token.kind) {
      case "string":
        return this.#string(token.at);
      case "integer":
      case "float":
      case "boolean":
        this.#advance();
        return token;
      default:
        throw this.#unexpected(wanted);
    }
  }

  /** Strings side by side are one. */
  #string(at: Token["at"]): Setting {
    let value = "";
    while (this.#token.kind === "string") {
      value += this.#token.value;
      this.#advance();
    }
    return { kind: "string", at, value };
  }

  #advance(): void {
    this.#token = this.#scanner.next();
  }

  #is(mark: string): boolean {
    return this.#token.kind === "mark" && this.#token.value === mark;
  }

  #skip(mark: string): boolean {
    if (!this.#is(mark)) return false;
    this.#advance();
    return true;
  }

  #unexpected(wanted: string): ConfigError {
    return new ConfigError(
      this.#token.at,
      `Unexpected ${describeToken(this.#token)}: expected ${wanted}`,
    );
  }
}
