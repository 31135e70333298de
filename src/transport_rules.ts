import { BOOLEAN, BYTES, FUNCTION, integer, type Rule, type Rules, secret, TEXT } from "./rules.ts";

const PEM: Rule = (value) =>
  typeof value === "string" && value.includes("-----BEGIN ")
    ? undefined
    : "PEM text, with a line that begins with -----BEGIN";

/** Another rule's, or an array of such. */
function orSeveral(rule: Rule): Rule {
  return (value) => {
    const wrong = Array.isArray(value) ? value.find((one) => rule(one) !== undefined) : value;
    const wanted = wrong === undefined ? undefined : rule(wrong);
    return wanted === undefined ? undefined : `${wanted}, or an array of such`;
  };
}

const HEADERS: Rule = (value) => {
  try {
    if (typeof value === "object" && value !== null) new Headers(value as Record<string, string>);
    else return "an object of strings, or Headers";
  } catch {
    return "names and values that HTTP permits";
  }
};

/** Rules of the option `ipc`. */
export const IPC_RULES: Rules = { mode: integer(0, 0o777) };

/** Rules of the option `tls`. */
export const TLS_RULES: Rules = {
  ca: secret(orSeveral(PEM)),
  cert: secret(PEM),
  insecure: BOOLEAN,
  key: secret(PEM),
  requireClientCertificate: BOOLEAN,
  serverName: TEXT,
};

/** Rules of the option `webSocket`. */
export const WEB_SOCKET_RULES: Rules = {
  allowMissingProtocol: BOOLEAN,
  headers: secret(HEADERS),
  maxBacklog: BYTES,
  origin: (value) =>
    FUNCTION(value) === undefined || orSeveral(TEXT)(value) === undefined
      ? undefined
      : "an origin, an array of origins, or a function",
  path: (value) =>
    typeof value === "string" && /^\/[^?#]*$/.test(value)
      ? undefined
      : "a path that begins with a slash, without a query",
  sendText: BOOLEAN,
};
