/* Certificates and keys, looked at before they are used: the runtimes tell late, or never, and each otherwise. */
import { type AddressRole, badAddress } from "../../../../src/surface/address.ts";
import type { TlsOptions } from "../../../options.ts";
import { builtin } from "../builtin.ts";

/** Of `node:crypto`. */
export interface CryptoModule {
  readonly X509Certificate: new (pem: string) => { checkPrivateKey(key: PrivateKey): boolean };
  createPrivateKey(pem: string): PrivateKey;
}

/** Of `crypto.KeyObject`. */
export interface PrivateKey {
  readonly asymmetricKeyType?: string | undefined;
}

/** Throws `EINVAL` unless what is given is what it should be, and a server has what it needs. */
export function checkTls(
  role: AddressRole,
  address: string,
  { ca, cert, key }: TlsOptions = {},
): void {
  if (role === "bind" && (cert === undefined || key === undefined)) {
    throw badAddress(role, address, "it needs a certificate, wanted tls: { cert, key }");
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw badAddress(role, address, "tls.cert and tls.key are no use without each other");
  }
  if (ca === undefined && cert === undefined) return;
  const { X509Certificate, createPrivateKey } = builtin<CryptoModule>("node:crypto");
  const check = <T>(what: string, make: () => T): T => {
    try {
      return make();
    } catch (cause) {
      const error = badAddress(role, address, what);
      error.cause = cause;
      throw error;
    }
  };
  for (const one of [ca ?? []].flat()) {
    check("tls.ca is no certificate", () => new X509Certificate(one));
  }
  if (cert === undefined || key === undefined) return;
  const certificate = check("tls.cert is no certificate", () => new X509Certificate(cert));
  const privateKey = check("tls.key is no private key", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw badAddress(role, address, "tls.key is not the key of tls.cert");
  }
}
