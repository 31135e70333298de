/** From the arguments of the command line to {@link Settings}, or to nngcat's own error text. */

import { Draft, type Reader } from "./draft.ts";
import { readOptions } from "./options.ts";
import type { NngProtocol, Settings } from "./settings.ts";
import { fatal } from "./words.ts";

/** A command line that can be run. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "socket"; readonly settings: Settings };

/**
 * Parses a command line by the rules of nng's nngcat: options count in the order in which they stand, and nothing
 * after `--help` or `--version` matters.
 *
 * @param args The arguments, without the program.
 * @param reader Reads the files that they name.
 * @throws {Failure} with the text for stderr.
 */
export async function parseCommand(args: readonly string[], reader: Reader): Promise<Command> {
  const draft = new Draft(reader);
  for (const [{ name, apply }, argument] of readOptions(args)) {
    if (name === "help") return { kind: "help" };
    if (name === "version") return { kind: "version" };
    await apply(draft, argument);
  }
  return { kind: "socket", settings: finish(draft) };
}

/** What only the whole of the command line can tell, in nng's order. */
function finish(draft: Draft): Settings {
  if (draft.endpoints.length === 0) throw fatal("No address specified.");
  if (draft.isCompatible) checkCompatible(draft);
  if (draft.protocol !== "sub" && draft.subscriptions.length > 0) {
    throw fatal("Protocol does not support --subscribe.");
  }
  const protocol = choosePair(draft);
  if (protocol === undefined) throw fatal("No protocol specified.");
  checkProtocol(protocol, draft);

  const { format = "no", count, data, delay, isCompatible } = draft;
  const speaksFirst = data !== undefined && protocol !== "rep" && protocol !== "respondent";
  const { endpoints, subscriptions, isVerbose } = draft;
  // As nng does, which takes no key without a certificate.
  const { key: _, ...tls } = draft.tls;
  const { interval, receiveTimeout, sendTimeout, maxMessageSize } = draft;
  return {
    protocol,
    endpoints,
    isVerbose,
    isAsync: draft.isAsync || isCompatible,
    subscriptions,
    format,
    interval,
    receiveTimeout,
    sendTimeout,
    maxMessageSize,
    ...(count > 0 && { count }),
    // Who only listens, or answers, is there at once.
    delay: speaksFirst ? delay : 0,
    data,
    tls: tls.cert === undefined ? tls : draft.tls,
  };
}

function checkCompatible({ isAsync, count, protocol }: Draft): void {
  if (isAsync) throw fatal("Options --async and --compat are incompatible.");
  if (count !== 0) throw fatal("Options --count and --compat are incompatible.");
  if (protocol === "pair1") throw fatal("Protocol does not support --compat.");
}

/** `--pair` is version 0 for nanomsg's sake, else 1. nng means the same, but forgets to look at it. */
function choosePair({ protocol, isCompatible }: Draft): NngProtocol | undefined {
  if (protocol !== "either pair") return protocol;
  return isCompatible ? "pair" : "pair1";
}

function checkProtocol(protocol: NngProtocol, { data, format, interval }: Draft): void {
  const hasInterval = interval !== Infinity;
  switch (protocol) {
    case "pull":
    case "sub":
      if (data !== undefined) throw fatal("Protocol does not support --file or --data.");
      if (hasInterval) throw fatal("Protocol does not support --interval.");
      return;
    case "push":
    case "pub":
      if (format !== undefined) throw fatal("Protocol does not support --format options.");
      return checkData(data);
    case "req":
    case "surveyor":
      return checkData(data);
    case "rep":
    case "respondent":
      if (hasInterval) throw fatal("Protocol does not support --interval.");
      return;
    case "bus":
    case "pair":
    case "pair1":
      if (hasInterval && data === undefined) {
        throw fatal("Option --interval requires either --file or --data.");
      }
  }
}

function checkData(data: Uint8Array | undefined): void {
  if (data === undefined) throw fatal("Protocol requires either --file or --data.");
}
