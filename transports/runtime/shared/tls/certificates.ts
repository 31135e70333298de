/* Certificates and keys as `node:tls` takes them, and which of several a client sees. */
import type { TlsCertificate, TlsOptions } from "../../../options.ts";
import { builtin } from "../builtin.ts";
import type { SecureContextOptions } from "./tls_api.ts";
import type { CryptoModule } from "./tls_check.ts";

/** The oldest version of TLS that is spoken, unless an option says otherwise; whatever the runtime's flags say. */
const OLDEST = "TLSv1.2";

/** What holds for every handshake, as `node:tls` takes it. */
export function secureContext(
  { ca, cert, ciphers, key, minVersion = OLDEST }: TlsOptions,
): SecureContextOptions {
  return {
    minVersion,
    ...(ca !== undefined && { ca: typeof ca === "string" ? ca : [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(ciphers !== undefined && { ciphers }),
    // Node does this by itself; Bun would go on with TLS 1.3 and suites of its own.
    ...(ciphers !== undefined && !namesTls13(ciphers) && { maxVersion: "TLSv1.2" as const }),
    ...(key !== undefined && { key }),
  };
}

/** Whether a list of cipher suites has one of TLS 1.3. */
export function namesTls13(ciphers: string): boolean {
  return ciphers.split(":").some((name) => name.startsWith("TLS_"));
}

/** A server's certificates: one that is shown for want of another, and what has been made of others, by name. */
export class Certificates<Made> {
  /** For a client that asks for no name, or for one that no other has. */
  readonly fallback: SecureContextOptions;
  readonly #byName: Map<string, Made> = new Map();

  /** @param tls Checked. @param make Called for each of `tls.certificates`. */
  constructor(tls: TlsOptions, make: (context: SecureContextOptions) => Made) {
    const { certificates = [] } = tls;
    const { cert, key } = tls.cert === undefined ? { ...tls, ...certificates[0] } : tls;
    this.fallback = secureContext({
      ...tls,
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    });
    for (const certificate of certificates) {
      const { cert, key } = certificate;
      const made = make(secureContext({ ...tls, cert, key }));
      for (const name of namesOf(certificate)) {
        // Of two for the same name the first is shown.
        if (!this.#byName.has(name)) this.#byName.set(name, made);
      }
    }
  }

  /** Whether a client's name makes a difference. */
  get hasNames(): boolean {
    return this.#byName.size > 0;
  }

  /** What there is for a name; undefined if there is none but the one that all others get. A `*` stands for one label. */
  find(name: string): Made | undefined {
    const asked = name.toLowerCase();
    return this.#byName.get(asked) ?? this.#byName.get(asked.replace(/^[^.]+/, "*"));
  }
}

/** The names that a certificate is shown for, in lower case. */
export function namesOf({ cert, serverName }: TlsCertificate): string[] {
  return [serverName ?? dnsNames(cert)].flat().map((name) => name.toLowerCase());
}

function dnsNames(cert: string): string[] {
  const { X509Certificate } = builtin<CryptoModule>("node:crypto");
  const { subjectAltName = "" } = new X509Certificate(cert);
  return Array.from(subjectAltName.matchAll(/(?<=^|, )DNS:([^,"]+)/g), ([, name]) => name!);
}
