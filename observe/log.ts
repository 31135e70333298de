import type { SocketEvent } from "../mod.ts";
import { Limiter } from "./limiter.ts";
import { countOf, isEventType, lineOf, type LogLevel, moreOf } from "./lines.ts";
import { checkOptions } from "../src/base/check_options.ts";
import { SPError } from "../src/base/errors.ts";
import { type Rule, TEXT } from "../src/base/rules.ts";
import type { ObservedSocket } from "./sockets.ts";

export type { LogLevel };

/** Who writes lines: `console`, or any logger with these methods. */
export type Logger = { readonly [Level in LogLevel]: (line: string) => void };

/** Options of `logEvents`. */
export interface LogOptions {
  /** What lines begin with; by default the socket's protocol: `"rep"`. */
  name?: string;
  /** How many lines a second each type of event may have; default 10, `Infinity` for no limit. */
  linesPerSecond?: number;
  /** Other levels than those in docs/observe.md, by type of event; `"off"` for no line. */
  levels?: Readonly<Partial<Record<SocketEvent["type"], LogLevel | "off">>>;
}

/** A log that is written: what `logEvents` returns. */
export interface EventLog extends Disposable, AsyncDisposable {
  /** Resolves when the last line is written: after the socket is closed, or this is disposed of. Never rejects. */
  readonly ended: Promise<void>;
}

/** So many failures of the logger in a row end the log. */
const MOST_FAILURES = 3;

const DEFAULT_LINES = 10;

const isLimit: Rule = (value) =>
  value === Infinity || Number.isInteger(value) && (value as number) > 0
    ? undefined
    : "a whole number above 0, or Infinity";

const FUNCTIONS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const LEVELS: readonly unknown[] = [...FUNCTIONS, "off"];

const areLevels: Rule = (value) =>
  typeof value === "object" && value !== null &&
    Object.entries(value).every(([type, level]) =>
      isEventType(type) && (level === undefined || LEVELS.includes(level))
    )
    ? undefined
    : 'an object of "debug", "info", "warn", "error" or "off" by type of event';

/**
 * Writes a line for each event of a socket: `rep tcp://127.0.0.1:5555: peer 10.0.0.3:4711 (req) attached`.
 *
 * Lines have no byte of a message in them, no header, and no password or query of an address; control characters are written
 * as `\x1b`. Of what handlers and codecs throw, text in quotes is left out, since it may be a message's.
 *
 * Of each type of event there are `linesPerSecond` lines at most, then one that says how many more there were. The log ends with
 * the socket. It keeps no process alive. A logger that throws costs its line, and after three times in a row the log ends.
 *
 * @param socket Of either wire.
 * @param logger `console`, for example.
 * @param options The name, the limit, the levels.
 * @returns A handle that ends the log earlier: for `using` or `await using`.
 * @throws {SPError} `EINVAL` if an option is unknown or wrong, or the logger lacks a function.
 *
 * @example
 * ```ts
 * import { Pair } from "@nanostreams/nanostreams";
 * import { logEvents } from "@nanostreams/nanostreams/observe";
 *
 * const left = new Pair();
 * const log = logEvents(left, console, { name: "left" });
 * await left.bind("inproc://logged");
 * await using right = new Pair();
 * right.connect("inproc://logged");
 * await left.peers(1); // left inproc://logged: peer (pair) attached
 * await left.close();
 * await log.ended;
 * ```
 */
export function logEvents(
  socket: ObservedSocket,
  logger: Logger,
  options: LogOptions = {},
): EventLog {
  checkOptions("logEvents's options", options, {
    name: TEXT,
    linesPerSecond: isLimit,
    levels: areLevels,
  });
  for (const level of FUNCTIONS) {
    if (typeof Object(logger)[level] === "function") continue;
    throw new SPError("EINVAL", `Cannot write a log: the logger has no function "${level}"`);
  }
  const { name = socket.stats().protocol, linesPerSecond = DEFAULT_LINES, levels = {} } = options;
  const reader = socket.events().getReader();
  let failures = 0;
  let isOver = false;

  const succeeded = (): void => {
    failures = 0;
  };
  const failed = (): void => {
    if (++failures >= MOST_FAILURES) stop();
  };
  const write = (level: LogLevel, text: string): void => {
    try {
      const written: unknown = logger[level](text);
      if (written instanceof Promise) written.then(succeeded, failed);
      else succeeded();
    } catch {
      failed();
    }
  };
  /** The level that events of a type had last. */
  const last = new Map<SocketEvent["type"], LogLevel>();
  const limiter = new Limiter<SocketEvent["type"]>(linesPerSecond, (type, count) => {
    if (!isOver) write(last.get(type)!, moreOf(name, type, count));
  });
  const told = (event: SocketEvent): void => {
    const chosen = levels[event.type];
    if (chosen === "off") return;
    if (!limiter.passes(event.type, countOf(event))) return;
    const { level, text } = lineOf(name, event);
    last.set(event.type, chosen ?? level);
    write(chosen ?? level, text);
  };
  const follow = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || isOver) break;
      told(value);
    }
    limiter.flush();
    isOver = true;
  };
  const stop = (): void => {
    if (isOver) return;
    limiter.flush();
    isOver = true;
    reader.cancel().catch(() => {});
  };
  const ended = follow().catch(stop);
  return {
    ended,
    [Symbol.dispose]: stop,
    [Symbol.asyncDispose]: () => {
      stop();
      return ended;
    },
  };
}
