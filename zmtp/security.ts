import { SPError } from "../src/base/errors.ts";
import type { WireContext } from "../src/contracts/wire.ts";
import { CurveClient, CurveClientKeys } from "./curve/curve_client.ts";
import { CurveServer } from "./curve/curve_server.ts";
import { type CurveKey, OwnKeys } from "./curve/keys.ts";
import { type Authenticate, Authentication } from "./mechanisms/authentication.ts";
import type { Mechanism, MechanismContext, MechanismName } from "./mechanisms/mechanism.ts";
import { NullMechanism } from "./mechanisms/null.ts";
import { PlainClient, PlainServer } from "./mechanisms/plain.ts";

/** PLAIN (RFC 24). Either end may be the server, whichever of them binds. */
export interface PlainOptions {
  /** A client's password, at most 255 bytes. It is sent in clear text: use `tls+tcp://`, or stay within one machine. */
  password?: string;
  /** Whether this is the server; default false. A server needs `users`, or the socket's option `authenticate`, or both. */
  server?: boolean;
  /** A client's name, at most 255 bytes. */
  username?: string;
  /** For a server: passwords by user name. They are compared in constant time. */
  users?: Readonly<Record<string, string>>;
}

/** CURVE (RFC 26). Either end may be the server, whichever of them binds. Keys are 40 characters of Z85, or 32 bytes. */
export interface CurveOptions {
  /** Our public key; by default computed from `secretKey`. */
  publicKey?: CurveKey;
  /** Our secret key. A server needs one; for a client, by default a new pair of keys is made. */
  secretKey?: CurveKey;
  /** Whether this is the server; default false. It lets in every client that knows its public key, unless `authenticate` decides. */
  server?: boolean;
  /** For a client, which needs it: the server's public key. */
  serverKey?: CurveKey;
}

/** The options that say how peers are told apart from strangers. */
export interface SecurityOptions {
  readonly authenticate?: Authenticate;
  readonly curve?: CurveOptions;
  readonly domain?: string;
  readonly plain?: PlainOptions;
}

/** The mechanism on one connection, and what was decided about the peer. */
export interface Security {
  readonly mechanism: Mechanism;
  /** Undefined if nobody decides. */
  readonly authentication?: Authentication | undefined;
}

/** Makes the mechanism of a connection. */
export type SecurityFactory = (context: WireContext) => Security;

/** The mechanism that a socket's options ask for. */
export function mechanismOf({ curve, plain }: SecurityOptions): MechanismName {
  if (curve !== undefined) return "CURVE";
  return plain === undefined ? "NULL" : "PLAIN";
}

/**
 * Prepares the mechanism that a socket's options ask for.
 *
 * @param metadata What peers are told of the socket.
 * @param identity Its routing id.
 * @throws {SPError} `EINVAL` if something is missing, or a key is none.
 */
export function prepareSecurity(
  options: SecurityOptions,
  metadata: Uint8Array,
  identity: Uint8Array,
): SecurityFactory {
  const { authenticate, domain = "", plain } = options;
  const name = mechanismOf(options);
  const make = mechanismFactory(options);
  const users = plain?.users;
  const decides = authenticate !== undefined || users !== undefined;
  return ({ connection: { inProcess, remoteAddress } }) => {
    // Within a program there is nobody to hide from, as with libzmq.
    if (inProcess) return { mechanism: new NullMechanism({ metadata }) };
    if (!decides) return { mechanism: make({ metadata }) };
    const authentication = new Authentication({ authenticate, users }, {
      address: hostOf(remoteAddress),
      domain,
      identity,
      mechanism: name,
    });
    const context = { metadata, authenticate: authentication.authenticate };
    return { mechanism: make(context), authentication };
  };
}

function mechanismFactory(
  { authenticate, curve, plain }: SecurityOptions,
): (context: MechanismContext) => Mechanism {
  if (curve?.server === true) {
    const { secretKey, serverKey } = curve;
    if (secretKey === undefined) throw missing("curve.secretKey", "a CURVE server");
    if (serverKey !== undefined) throw wrong("curve.serverKey", "a CURVE server");
    const keys = new OwnKeys(curve);
    return (context) => new CurveServer(keys, context);
  }
  if (curve !== undefined) {
    const { serverKey } = curve;
    if (serverKey === undefined) throw missing("curve.serverKey", "a CURVE client");
    const keys = new CurveClientKeys({ ...curve, serverKey });
    return (context) => new CurveClient(keys, context);
  }
  if (plain?.server === true) {
    if (plain.username !== undefined || plain.password !== undefined) {
      throw wrong("plain.username and plain.password", "a PLAIN server");
    }
    if (plain.users === undefined && authenticate === undefined) {
      throw missing("plain.users or authenticate", "a PLAIN server");
    }
    return (context) => new PlainServer(context);
  }
  if (plain !== undefined) {
    const { username, password } = plain;
    if (username === undefined) throw missing("plain.username", "a PLAIN client");
    if (password === undefined) throw missing("plain.password", "a PLAIN client");
    if (plain.users !== undefined) throw wrong("plain.users", "a PLAIN client");
    return (context) => new PlainClient({ username, password }, context);
  }
  return (context) => new NullMechanism(context);
}

/** An IP address alone, as ZAP has it; a path where the transport has no hosts. */
function hostOf(remoteAddress: string): string {
  const [, host] = /^[\w+]+:\/\/\[?([^/]*?)\]?(?::\d+)?(?:\/.*)?$/.exec(remoteAddress) ?? [];
  return host || remoteAddress.replace(/^[\w+]+:\/\//, "");
}

function missing(option: string, who: string): SPError {
  return new SPError("EINVAL", `Cannot make a socket without ${option}: ${who} needs it`);
}

function wrong(option: string, who: string): SPError {
  return new SPError("EINVAL", `Cannot make a socket with ${option}: ${who} has no use for it`);
}
