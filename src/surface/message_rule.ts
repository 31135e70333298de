import type { Rule } from "../base/rules.ts";
import { type MessageLike, toBytes } from "../memory/message.ts";

/** Rule of an option that is a message, or a prefix of one. */
export const MESSAGE: Rule = (value) => {
  try {
    toBytes(value as MessageLike);
    return undefined;
  } catch {
    return "a string or bytes";
  }
};
