import {
  BOOLEAN,
  DURATION,
  FUNCTION,
  orSeveral,
  type Rule,
  type Rules,
  secret,
} from "../../src/base/rules.ts";
import { PAGE_RULES } from "./page.ts";

const HEADERS: Rule = (value) => {
  try {
    if (typeof value === "object" && value !== null) new Headers(value as Record<string, string>);
    else return "an object of strings, or Headers";
  } catch {
    return "names and values that HTTP permits";
  }
};

/** As browsers write it: no path, not even a slash. Pages from files are `null`, or in Electron `file://`. */
const ORIGIN: Rule = (value) =>
  typeof value === "string" && /^(\*|null|file:\/\/|[a-z][a-z\d+.-]*:\/\/[^\s/?#]+)$/.test(value)
    ? undefined
    : "an origin";

/** Rules of the option `webSocket`. */
export const WEB_SOCKET_RULES: Rules = {
  ...PAGE_RULES,
  allowMissingProtocol: BOOLEAN,
  headers: secret(HEADERS),
  origin: (value) =>
    FUNCTION(value) === undefined || orSeveral(ORIGIN)(value) === undefined
      ? undefined
      : 'an origin such as "https://example.org", "null" or "*", an array of them, or a function',
  ping: DURATION,
  path: (value) =>
    typeof value === "string" && /^\/[^?#]*$/.test(value)
      ? undefined
      : "a path that begins with a slash, without a query",
};
