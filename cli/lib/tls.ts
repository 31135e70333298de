/** TLS for the addresses that have it: from what files say to the library's options. */

import type { TlsOptions } from "../../mod.ts";

/** Where certificates and keys come from, as paths of files. */
export interface TlsFiles {
  cert?: string;
  key?: string;
  cacert?: string;
  /** Whether any certificate of the peer will do. */
  insecure?: boolean;
}

/** The same, read: PEM text. */
export type TlsTexts = TlsFiles;

/** Whether an address is encrypted. */
export function isEncrypted(address: string): boolean {
  return /^(tls\+tcp|wss)[46]?:/i.test(address);
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^]*?-----END \1-----/;

/** One file may have certificates, key and parameters, which the library wants each by itself. */
function certificatesIn(text: string): string {
  return text.match(CERTIFICATE)?.join("\n") ?? text;
}

function keyIn(text: string): string {
  return PRIVATE_KEY.exec(text)?.[0] ?? text;
}

/**
 * The options of `bind` or `connect` for an address; none for one that is not encrypted. Clients need no certificate
 * of their own, whatever `cacert` says: that is how nng's listeners take it.
 */
export function tlsOptions(
  side: "bind" | "connect",
  address: string,
  { cert, key = cert, cacert, insecure }: TlsTexts,
): { tls?: TlsOptions } {
  if (!isEncrypted(address)) return {};
  const own = {
    ...(cert !== undefined && { cert: certificatesIn(cert) }),
    ...(key !== undefined && { key: keyIn(key) }),
  };
  if (side === "bind") return { tls: own };
  const trust = {
    ...(cacert !== undefined && { ca: cacert }),
    ...(insecure !== undefined && { insecure }),
  };
  return { tls: { ...own, ...trust } };
}
