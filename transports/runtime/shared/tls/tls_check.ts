/* Certificates and keys, looked at before they are used: the runtimes tell late, or never, and each otherwise. */
import type { AddressRole } from "../../../../src/surface/address.ts";
import { SPError } from "../../../../src/base/errors.ts";
import { describe } from "../../../../src/memory/message.ts";
import type { TlsOptions } from "../../../options.ts";
import { builtin } from "../builtin.ts";
import { namesOf, namesTls13 } from "./certificates.ts";
import type { TlsModule } from "./tls_api.ts";

/** Of `node:crypto`. */
export interface CryptoModule {
  readonly X509Certificate: new (pem: string) => {
    readonly subjectAltName?: string | undefined;
    checkPrivateKey(key: PrivateKey): boolean;
  };
  createPrivateKey(pem: string): PrivateKey;
}

/** Of `crypto.KeyObject`. */
export interface PrivateKey {
  readonly asymmetricKeyType?: string | undefined;
}

/**
 * Throws `EINVAL` unless what is given is what it should be, and a server has what it needs; `ENOTSUP` if this runtime would not do
 * what it says.
 *
 * @param role What it is for: to bind or connect to the address, or other options for it while it is bound.
 */
export function checkTls(
  role: AddressRole | "update",
  address: string,
  tls: TlsOptions = {},
): void {
  const { ca, cert, certificates = [], ciphers, key } = tls;
  const what = `Cannot ${role === "update" ? role : `${role} to`} ${describe(address)}`;
  const hasOwn = cert !== undefined && key !== undefined;
  if (role !== "connect" && !hasOwn && certificates.length === 0) {
    throw invalid(what, "no certificate, expected tls: { cert, key }");
  }
  if (!hasOwn && (cert ?? key) !== undefined) {
    throw invalid(what, "tls.cert and tls.key need each other");
  }
  if (ciphers !== undefined) checkCiphers(what, ciphers, tls);
  for (const one of [ca ?? []].flat()) readCertificate(what, "tls.ca", one);
  if (hasOwn) checkKey(what, "tls", cert, key);
  if (role === "connect") return;
  for (const [i, certificate] of certificates.entries()) {
    const name = `tls.certificates[${i}]`;
    checkKey(what, name, certificate.cert, certificate.key);
    const isFallback = i === 0 && !hasOwn;
    if (!isFallback && namesOf(certificate).length === 0) {
      throw invalid(what, `${name} has no name, expected serverName, or a DNS name in its cert`);
    }
  }
}

function invalid(what: string, message: string, cause?: unknown): SPError {
  return new SPError("EINVAL", `${what}: ${message}`, { cause });
}

/** Does what may throw; `message` says what is wrong then. */
function attempt<T>(what: string, message: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw invalid(what, message, cause);
  }
}

function readCertificate(
  what: string,
  name: string,
  pem: string,
): InstanceType<CryptoModule["X509Certificate"]> {
  const { X509Certificate } = builtin<CryptoModule>("node:crypto");
  return attempt(what, `${name} is not a certificate`, () => new X509Certificate(pem));
}

function checkKey(what: string, name: string, cert: string, key: string): void {
  const { createPrivateKey } = builtin<CryptoModule>("node:crypto");
  const certificate = readCertificate(what, `${name}.cert`, cert);
  const privateKey = attempt(what, `${name}.key is not a private key`, () => createPrivateKey(key));
  if (certificate.checkPrivateKey(privateKey)) return;
  throw invalid(what, `${name}.key is not the key of ${name}.cert`);
}

function checkCiphers(what: string, ciphers: string, { minVersion }: TlsOptions): void {
  const reason = whyNoSuchCiphers(ciphers);
  if (reason !== undefined) throw new SPError("ENOTSUP", `${what}: ${reason}`);
  const { createSecureContext } = builtin<TlsModule>("node:tls");
  const message = `tls.ciphers ${describe(ciphers)} names no cipher suite that is known here`;
  attempt(what, message, () => createSecureContext({ ciphers }));
  if (minVersion === "TLSv1.3" && !namesTls13(ciphers)) {
    throw invalid(what, "tls.ciphers names no suite of TLS 1.3, which tls.minVersion asks for");
  }
}

/** Two runtimes pass over a list of cipher suites, or over a part of it, without a word (Deno 2.9.6, Bun 1.4.5). */
function whyNoSuchCiphers(ciphers: string): string | undefined {
  if ("Deno" in globalThis) return "Deno lets nobody choose cipher suites (tls.ciphers)";
  if (!("Bun" in globalThis) || !namesTls13(ciphers)) return undefined;
  return "Bun lets nobody choose cipher suites of TLS 1.3, expected tls.ciphers without TLS_ names";
}
