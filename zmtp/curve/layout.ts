/** Where things stand in the commands of the handshake (RFC 26): offsets and lengths in bytes, the command's name included. */

/** Bytes of a cookie. */
export const COOKIE_SIZE = 96;

/** HELLO: the client's key for this connection, and a box that only the server opens. */
export const HELLO = {
  version: 6,
  key: 80,
  counter: 112,
  box: 120,
  size: 200,
  prefix: "CurveZMQHELLO---",
  /** What is in the box: zeros. */
  content: 64,
} as const;

/** WELCOME: the server's key for this connection, and a cookie, in a box. */
export const WELCOME = { nonce: 8, box: 24, size: 168, prefix: "WELCOME-" } as const;

/** INITIATE: the cookie, and in a box the client's long-term key, the vouch for it, and metadata. */
export const INITIATE = {
  cookie: 9,
  counter: 105,
  box: 113,
  prefix: "CurveZMQINITIATE",
  leastSize: 257,
} as const;

/** What is in the box of INITIATE. */
export const INITIATE_BOX = { key: 0, vouchNonce: 32, vouch: 48, metadata: 128 } as const;

/** The vouch: a box by the client's long-term key, with its key for this connection and the server's long-term key. */
export const VOUCH = { prefix: "VOUCH---" } as const;

/** READY: metadata in a box. */
export const READY = { counter: 6, box: 14, leastSize: 30, prefix: "CurveZMQREADY---" } as const;

/** Random bytes in a long nonce. */
export const LONG_NONCE_SIZE = 16;
