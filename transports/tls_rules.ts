import { BOOLEAN, orSeveral, type Rule, type Rules, secret, TEXT } from "../src/base/rules.ts";

const PEM: Rule = (value) =>
  typeof value === "string" && value.includes("-----BEGIN ")
    ? undefined
    : "PEM text, with a line that begins with -----BEGIN";

/** Rules of the option `tls`. */
export const TLS_RULES: Rules = {
  ca: secret(orSeveral(PEM)),
  cert: secret(PEM),
  insecure: BOOLEAN,
  key: secret(PEM),
  requireClientCertificate: BOOLEAN,
  serverName: TEXT,
};
