import {
  ConfigError,
  type GroupSetting,
  type ListSetting,
  type Position,
  type Setting,
} from "./setting.ts";

/** How deep objects and arrays may be nested: what a peer sends must not fill the stack. */
const MOST_LEVELS = 200;

/** Characters of an integer of 64 bits. A longer one is a float, as other readers have it. */
const LONGEST_INTEGER = 20;

const BLANK = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const WORD = /true|false|null/y;

/**
 * Reads JSON, strictly. In contrast to `JSON.parse` it keeps integers of 64 bits, 1 apart from 1.0, and the
 * place of each value.
 *
 * @param text The JSON.
 * @param file The file's name, for errors.
 * @throws {ConfigError} At the first place that is not JSON.
 */
export function parseJson(text: string, file = ""): Setting {
  const parser = new Parser(text, file);
  return parser.document();
}

class Parser {
  readonly #text: string;
  readonly #file: string;
  #at = 0;
  #level = 0;
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  document(): Setting {
    const value = this.#value();
    this.#take(BLANK);
    if (this.#at < this.#text.length) throw this.#unexpected("the end");
    return value;
  }

  #value(): Setting {
    this.#take(BLANK);
    const at = this.#position();
    const first = this.#text[this.#at];
    if (first === "{" || first === "[") {
      if (++this.#level > MOST_LEVELS) {
        throw new ConfigError(at, `Too deep: expected at most ${MOST_LEVELS} levels`);
      }
      this.#at++;
      const value = first === "{" ? this.#object(at) : this.#array(at);
      this.#level--;
      return value;
    }
    if (first === '"') return { kind: "string", at, value: this.#string("a value") };
    const word = this.#take(WORD);
    if (word !== null) {
      return word[0] === "null"
        ? { kind: "null", at }
        : { kind: "boolean", at, value: word[0] === "true" };
    }
    const number = this.#take(NUMBER);
    if (number === null) throw this.#unexpected("a value");
    const [text, fraction, exponent] = number;
    if (fraction !== undefined || exponent !== undefined || text.length > LONGEST_INTEGER) {
      return { kind: "float", at, value: Number(text) };
    }
    return { kind: "integer", at, value: BigInt(text) };
  }

  #object(at: Position): GroupSetting {
    const entries = new Map<string, Setting>();
    if (this.#skip("}")) return { kind: "group", at, entries };
    do {
      this.#take(BLANK);
      const name = this.#string('a name in "quotes"');
      if (!this.#skip(":")) throw this.#unexpected(`":" after "${name}"`);
      entries.set(name, this.#value());
    } while (this.#skip(","));
    if (!this.#skip("}")) throw this.#unexpected('"," or "}"');
    return { kind: "group", at, entries };
  }

  #array(at: Position): ListSetting {
    const items: Setting[] = [];
    if (this.#skip("]")) return { kind: "list", at, items };
    do items.push(this.#value()); while (this.#skip(","));
    if (!this.#skip("]")) throw this.#unexpected('"," or "]"');
    return { kind: "list", at, items };
  }

  #string(wanted: string): string {
    this.#take(BLANK);
    const at = this.#position();
    const match = this.#take(STRING);
    if (match === null) throw this.#unexpected(wanted);
    try {
      return JSON.parse(match[0]) as string;
    } catch (cause) {
      const message = "Invalid string: expected JSON's escapes, and no control characters";
      throw new ConfigError(at, message, { cause });
    }
  }

  #skip(mark: string): boolean {
    this.#take(BLANK);
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #position(): Position {
    for (let n = this.#counted; n < this.#at; n++) {
      if (this.#text[n] !== "\n") continue;
      this.#line++;
      this.#lineStart = n + 1;
    }
    this.#counted = this.#at;
    return { file: this.#file, line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #unexpected(wanted: string): ConfigError {
    const [word] = /^(?:\w+|\S)?/.exec(this.#text.slice(this.#at, this.#at + 40))!;
    const got = word === "" ? "the end of the file" : JSON.stringify(word);
    return new ConfigError(this.#position(), `Unexpected ${got}: expected ${wanted}`);
  }
}
