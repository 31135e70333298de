import {
  BOOLEAN,
  oneOf,
  orSeveral,
  type Rule,
  type Rules,
  secret,
  TEXT,
} from "../src/base/rules.ts";
import { isNumericHost } from "./host_port.ts";

const PEM: Rule = (value) =>
  typeof value === "string" && value.includes("-----BEGIN ")
    ? undefined
    : "PEM text, with a line that begins with -----BEGIN";

/** A name that clients can ask for, which a number is not (RFC 6066, 3). */
const SERVER_NAME: Rule = (value) =>
  typeof value === "string" && /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(value) &&
    !isNumericHost(value)
    ? undefined
    : 'a host name, or one behind "*."';

const CERTIFICATE: Rules = { cert: PEM, key: PEM, serverName: orSeveral(SERVER_NAME) };

const CERTIFICATES: Rule = (value) =>
  Array.isArray(value) && value.every(isCertificate)
    ? undefined
    : "an array of { cert, key, serverName }: PEM text twice, and host names, which may be left out";

function isCertificate(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { cert, key } = value as { cert?: unknown; key?: unknown };
  return cert !== undefined && key !== undefined && Object.entries(value).every(([name, part]) => {
    const rule = Object.hasOwn(CERTIFICATE, name) ? CERTIFICATE[name] as Rule : undefined;
    return part === undefined ? name === "serverName" : rule?.(part) === undefined && rule;
  });
}

/** Rules of what of the option `tls` can change while an address is bound. */
export const TLS_UPDATE_RULES: Rules = {
  ca: secret(orSeveral(PEM)),
  cert: secret(PEM),
  certificates: secret(CERTIFICATES),
  ciphers: (value) =>
    typeof value === "string" && value !== "" ? undefined : "names of cipher suites",
  key: secret(PEM),
  minVersion: oneOf("TLSv1.2", "TLSv1.3"),
};

/** Rules of the option `tls`. */
export const TLS_RULES: Rules = {
  ...TLS_UPDATE_RULES,
  insecure: BOOLEAN,
  requireClientCertificate: BOOLEAN,
  serverName: TEXT,
};
