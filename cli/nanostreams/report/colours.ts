/* Colours, where they are wanted. */
import process from "node:process";
import { styleText } from "node:util";

/** What text looks like; the names are those of `styleText`. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Gives text a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** What decides about colours. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether a stream shows colours: `FORCE_COLOR` decides (`0` and `false` are no), then `NO_COLOR`, then whether it is a terminal.
 * An empty variable counts as none.
 */
export function hasColours(
  stream: { readonly isTTY?: boolean },
  env: Environment = process.env,
): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: terminal } = env;
  if (forced) return forced !== "0" && forced !== "false";
  if (none) return false;
  return stream.isTTY === true && terminal !== "dumb";
}

/** How text is painted for a stream. */
export function painter(stream: { readonly isTTY?: boolean }, env?: Environment): Paint {
  if (!hasColours(stream, env)) return (_style, text) => text;
  // By itself, styleText looks at standard output, and each runtime reads the variables in its own way.
  return (style, text) => styleText(style, text, { validateStream: false });
}
