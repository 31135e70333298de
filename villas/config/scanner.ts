import { ConfigError, type Position } from "./setting.ts";

/** A piece of a libconfig file. */
export type Token =
  & { readonly at: Position }
  & (
    | { readonly kind: "name"; readonly value: string }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "integer"; readonly value: bigint }
    | { readonly kind: "float"; readonly value: number }
    | { readonly kind: "boolean"; readonly value: boolean }
    | { readonly kind: "mark"; readonly value: string }
    | { readonly kind: "end" }
  );

/** A file that is included. */
export interface Included {
  /** Its path, for errors. */
  readonly file: string;
  /** What is in it. */
  readonly text: string;
}

/** Finds the files of an `@include`. */
export type Include = (pattern: string, at: Position) => readonly Included[];

/** How deep includes may be nested, as in libconfig. */
const MOST_INCLUDES = 10;

const SPACE = /[ \t\r\n\f\v]+|#[^\n]*|\/\/[^\n]*/y;
const COMMENT = /\/\*[^]*?\*\//y;
const INCLUDE = /[ \t]*@include[ \t]+"((?:\\.|[^"\\\n])*)"/y;
const NAME = /[A-Za-z*][-A-Za-z0-9_*]*/y;
const BOOLEAN = /(?:true|false)(?![-A-Za-z0-9_*])/iy;
const FLOAT = /[-+]?(?:\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?![\w.])/y;
const INTEGER = /([-+]?)(0[xX][0-9A-Fa-f]+|0[bB][01]+|0[oOqQ][0-7]+|\d+)(?:LL?)?(?![\w.])/y;
const MARK = /[={}\[\]():;,]/y;

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  '"': '"',
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  a: "\x07",
  b: "\b",
  v: "\v",
};

/** A file that is being read, and how far. */
class Source {
  readonly file: string;
  readonly text: string;
  at = 0;
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  constructor({ file, text }: Included) {
    this.file = file;
    this.text = text;
  }

  /** The place of the next character. */
  position(): Position {
    for (let n = this.#counted; n < this.at; n++) {
      if (this.text[n] !== "\n") continue;
      this.#line++;
      this.#lineStart = n + 1;
    }
    this.#counted = this.at;
    return { file: this.file, line: this.#line, column: this.at - this.#lineStart + 1 };
  }

  /** Takes what matches here. */
  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at = pattern.lastIndex;
    return match;
  }

  /** Whether nothing but the beginning of a line is before the next character. */
  get startsLine(): boolean {
    return this.at === 0 || this.text[this.at - 1] === "\n";
  }
}

/** Cuts the text of libconfig files into tokens, and goes through the files that they include. */
export class Scanner {
  readonly #sources: Source[];
  readonly #include: Include;

  constructor(text: string, file: string, include: Include) {
    this.#sources = [new Source({ file, text })];
    this.#include = include;
  }

  /** The next token; from the end on, the end. */
  next(): Token {
    for (;;) {
      const source = this.#sources.at(-1)!;
      this.#skip(source);
      if (source !== this.#sources.at(-1)) continue;
      if (source.at < source.text.length) return this.#token(source);
      if (this.#sources.length === 1) return { kind: "end", at: source.position() };
      this.#sources.pop();
    }
  }

  /** Goes past blanks and comments, and into a file that is included. */
  #skip(source: Source): void {
    for (;;) {
      if (source.startsLine) {
        const at = source.position();
        const include = source.take(INCLUDE);
        if (include !== null) return this.#enter(include[1]!, at);
      }
      // One line at a time: an include has to be at the beginning of one.
      if (source.text[source.at] === "\n") {
        source.at++;
        continue;
      }
      if (source.take(/[ \t\r\f\v]+/y) ?? source.take(SPACE) ?? source.take(COMMENT)) continue;
      if (source.text.startsWith("/*", source.at)) {
        throw new ConfigError(source.position(), 'Expected "*/" at the end of this comment');
      }
      return;
    }
  }

  #enter(pattern: string, at: Position): void {
    if (this.#sources.length > MOST_INCLUDES) {
      throw new ConfigError(at, `Cannot include "${pattern}": more than ${MOST_INCLUDES} levels`);
    }
    // A scanner reads one file after the other: the first one lies on top.
    const files = this.#include(pattern.replace(/\\(["\\])/g, "$1"), at);
    for (const included of [...files].reverse()) this.#sources.push(new Source(included));
  }

  #token(source: Source): Token {
    const at = source.position();
    if (source.text[source.at] === '"') {
      return { kind: "string", at, value: this.#string(source, at) };
    }
    const boolean = source.take(BOOLEAN);
    if (boolean !== null) {
      return { kind: "boolean", at, value: boolean[0].toLowerCase() === "true" };
    }
    const name = source.take(NAME);
    if (name !== null) return { kind: "name", at, value: name[0] };
    const float = source.take(FLOAT);
    if (float !== null) return { kind: "float", at, value: Number(float[0]) };
    const integer = source.take(INTEGER);
    if (integer !== null) return { kind: "integer", at, value: toInteger(integer, at) };
    const mark = source.take(MARK);
    if (mark !== null) return { kind: "mark", at, value: mark[0] };
    const [word] = /^\S[\w.@-]*/.exec(source.text.slice(source.at, source.at + 40)) ?? [""];
    throw new ConfigError(at, `Unexpected ${JSON.stringify(word)}: expected a name or a value`);
  }

  #string(source: Source, at: Position): string {
    let value = "";
    source.at++;
    for (;;) {
      value += source.take(/[^"\\]*/y)![0];
      const end = source.text[source.at++];
      if (end === '"') return value;
      if (end === undefined) throw new ConfigError(at, "Expected '\"' at the end of this string");
      const hex = source.take(/x([0-9A-Fa-f]{2})/y);
      if (hex !== null) {
        value += String.fromCharCode(Number.parseInt(hex[1]!, 16));
        continue;
      }
      const known = ESCAPES[source.text[source.at] ?? ""];
      if (known !== undefined) source.at++;
      // Any other backslash means itself.
      value += known ?? "\\";
    }
  }
}

function toInteger([, sign, digits]: RegExpExecArray, at: Position): bigint {
  const magnitude = BigInt(digits!.replace(/^0[qQ]/, "0o").toLowerCase());
  const value = sign === "-" ? -magnitude : magnitude;
  if (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value) return value;
  throw new ConfigError(at, `Invalid integer ${sign}${digits}: expected at most 64 bits`);
}

/** A token in a few words, for errors. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case "end":
      return "the end of the file";
    case "mark":
    case "name":
      return `"${token.value}"`;
    case "string":
      return JSON.stringify(token.value);
    default:
      return String(token.value);
  }
}
