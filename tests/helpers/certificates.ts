/** Certificates for tests: an authority, and whom it vouches for. Made anew, since what lies in a repository expires. */

import { generate } from "selfsigned";

/** A certificate and its key, as PEM text. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Certificates of one authority, and what belongs to none. */
export interface Certificates {
  /** The authority's certificate. */
  readonly ca: string;
  /** For `localhost` and 127.0.0.1. */
  readonly server: Certificate;
  /** The server's, but two days too old. */
  readonly expired: Certificate;
  /** The server's, but two days too young. */
  readonly notYetValid: Certificate;
  /** For `a.example.org`. */
  readonly named: Certificate;
  /** For `*.example.org`. */
  readonly wildcard: Certificate;
  /** Of a client, whose name is `client-7`. */
  readonly client: Certificate;
  /** Of a client, with the same name, from an authority that nobody knows. */
  readonly strangerClient: Certificate;
  /** The certificate of that authority. */
  readonly strangerCa: string;
}

interface Pair {
  readonly cert: string;
  readonly private: string;
}

// The default signature, SHA-1, is refused by Node 20 and Deno; RSA takes ten times as long to make.
const KIND = { algorithm: "sha256", keyType: "ec", curve: "P-256" } as const;

/** In milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

async function makeAuthority(name: string): Promise<Pair> {
  return await generate([{ name: "commonName", value: name }], {
    ...KIND,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
}

async function makeCertificate(
  name: string,
  by: Pair,
  altNames: { type: 2 | 7; value?: string; ip?: string }[],
  [from, to]: readonly [number, number] = [-1, 365],
): Promise<Certificate> {
  const made = await generate([{ name: "commonName", value: name }], {
    ...KIND,
    notBeforeDate: new Date(Date.now() + from * DAY),
    notAfterDate: new Date(Date.now() + to * DAY),
    ca: { key: by.private, cert: by.cert },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      { name: "subjectAltName", altNames },
    ],
  });
  return { cert: made.cert, key: made.private };
}

let made: Promise<Certificates> | undefined;

/** The same for all tests of a process. */
export function certificates(): Promise<Certificates> {
  return made ??= make();
}

async function make(): Promise<Certificates> {
  const [ca, stranger] = await Promise.all([
    makeAuthority("Authority of the tests"),
    makeAuthority("Nobody knows"),
  ]);
  const local = [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }] as const;
  const [server, expired, notYetValid, named, wildcard, client, strangerClient] = await Promise.all(
    [
      makeCertificate("localhost", ca, [...local]),
      makeCertificate("localhost", ca, [...local], [-9, -2]),
      makeCertificate("localhost", ca, [...local], [2, 9]),
      makeCertificate("a.example.org", ca, [{ type: 2, value: "a.example.org" }]),
      makeCertificate("*.example.org", ca, [{ type: 2, value: "*.example.org" }]),
      makeCertificate("client-7", ca, [{ type: 2, value: "client-7" }]),
      makeCertificate("client-7", stranger, [{ type: 2, value: "client-7" }]),
    ],
  );
  return {
    ca: ca.cert,
    server,
    expired,
    notYetValid,
    named,
    wildcard,
    client,
    strangerClient,
    strangerCa: stranger.cert,
  };
}
