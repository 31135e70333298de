/** What CURVE says when secrets and nonces are known: made by code that shook hands with libzmq, compared with tweetnacl. */

import assert from "node:assert/strict";
import type { RandomSource } from "../../../zmtp/curve/keys.ts";
import { concat, hex, utf8 } from "../../helpers/bytes.ts";

type Bytes<Name extends string> = Readonly<Record<Name, Uint8Array<ArrayBuffer>>>;

/** So many times the same byte. */
export function times(byte: number, count: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(count).fill(byte);
}

/** Secret keys: long-term of client and server, for the connection of client and server, of the cookie. */
export const SECRET: Bytes<"client" | "clientFresh" | "cookie" | "server" | "serverFresh"> = {
  client: times(1, 32),
  server: times(2, 32),
  clientFresh: times(3, 32),
  serverFresh: times(4, 32),
  cookie: times(5, 32),
};

/** Random parts of nonces. */
export const NONCE: Bytes<"cookie" | "vouch" | "welcome"> = {
  welcome: times(6, 16),
  cookie: times(7, 16),
  vouch: times(8, 16),
};

/** Public keys. */
export const PUBLIC: Bytes<"client" | "clientFresh" | "server" | "serverFresh"> = {
  client: hex("a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209"),
  server: hex("ce8d3ad1ccb633ec7b70c17814a5c76ecd029685050d344745ba05870e587d59"),
  clientFresh: hex("5dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22"),
  serverFresh: hex("ac01b2209e86354fb853237b5de0f4fab13c7fcbf433a61c019369617fecf10b"),
};

/** The server's long-term public key as text. */
export const SERVER_TEXT = "=w:)j+^Gs]DVl/C6S5&/+(Th+1R0pUmy&UT4P[cZ";

/** The key that the two fresh pairs share. */
export const SHARED: Uint8Array<ArrayBuffer> = hex(
  "2a7e61b6389226baa04c5738c81d23db39ecf157632f9d000c918f0ec66be83e",
);

export const HELLO_BOX: Uint8Array<ArrayBuffer> = hex(
  "16956e59934bb11d6f9dede396e1a388933944d6af279ef8f120915600ddb4c25359461d6000e3f8c6e7ec313f99c346" +
    "b0138b705d365f45c09976698e9b72ec81fcbc042e53936696353142b85c24b9",
);

export const HELLO: Uint8Array<ArrayBuffer> = concat([
  utf8("\x05HELLO\x01\x00"),
  times(0, 72),
  PUBLIC.clientFresh,
  hex("0000000000000001"),
  HELLO_BOX,
]);

export const COOKIE: Uint8Array<ArrayBuffer> = hex(
  "07070707070707070707070707070707e23e78d311ead76732b3d68f9e90c4fdd5c7a9c6dd914a0be837c42ef1d5d948" +
    "84c57859710ced4dc203391e4073ff93ee72838145db48d1670d1ce8af3f446a5896329332c0213b6c8479057b9f44be",
);

export const WELCOME: Uint8Array<ArrayBuffer> = hex(
  "0757454c434f4d4506060606060606060606060606060606d8ff726796612c127e176cacc6ea6f9e4716b150398f939d" +
    "fecec7552944a621ad6dae44b485f5a43745949b3be912e37f2dbb5ba3bb0ece1b78231f99302c4e1e69fe0600ca9578" +
    "8ef7fbbf2df9a5cb03056189a52ae05de0ce82d44459571d38e8e8d4716e3b4260a0c4174ecc04257440cc362de20da9" +
    "18b487f317301fd59227c2a53c50ac787be24a7c33ddaf2c",
);

/** Of a PUSH socket, with the counter 2. */
export const INITIATE: Uint8Array<ArrayBuffer> = concat([
  utf8("\x08INITIATE"),
  COOKIE,
  hex("0000000000000002"),
  hex(
    "32b1e3c8ecc57335c99c13226e69ebe0e2224a7a0235d4e8083aaeb75dd09dd35d3e5f8151794978ee4e4ca7fff900e0" +
      "db195f33ee262c20464339256dc6ebe077538c459f8a592daa4cd73176b37809e18ab30862a98b0cd59715cd76eec2c4" +
      "ae1f8d8d0b10218492a8919e690c3885bca1baed5dd590829237ebc22325500fbaae7d542e7dbe7d77d34916afa6b61f" +
      "3276be250b4d205a30e64e6c940154b7d96d41e5",
  ),
]);

/** Of a PULL socket, with the counter 1. */
export const READY: Uint8Array<ArrayBuffer> = hex(
  "0552454144590000000000000001f4973519e90463e391a3c7faefa0c17c84dfd0c87c144a697cceda4cee1834a33c8e" +
    "d480",
);

/** "hello" of the client, with the counter 3. */
export const MESSAGE_HELLO: Uint8Array<ArrayBuffer> = hex(
  "074d455353414745000000000000000353c2b8595219542c2ff3fe5ed9e5f9c32ddb4f78b1ed",
);

/** "A" of the server, with MORE and the counter 2. */
export const MESSAGE_A: Uint8Array<ArrayBuffer> = hex(
  "074d455353414745000000000000000289881d2bf1779cb81344d36b93cd587dec54",
);

/** Gives these pieces, one after the other. */
export function scripted(...pieces: readonly Uint8Array<ArrayBuffer>[]): RandomSource {
  const left = [...pieces];
  return (length) => {
    const piece = left.shift();
    assert.equal(piece?.length, length, "random bytes that nobody expected");
    return piece!;
  };
}

/** What the client needs, in its order. */
export const clientRandom = (): RandomSource => scripted(SECRET.clientFresh, NONCE.vouch);

/** What the server needs, in its order. */
export const serverRandom = (): RandomSource => scripted(SECRET.serverFresh, COOKIE, NONCE.welcome);
