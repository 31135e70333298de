import { conform } from "../../conformance/conform.ts";
import { curveKeyPair } from "../../../zmtp/mod.ts";
import { isLeftOut, zmtpPatterns } from "./patterns.ts";

const { publicKey, secretKey } = await curveKeyPair();

// Who receives is the server, whoever binds.
const patterns = zmtpPatterns(
  { curve: { serverKey: publicKey } },
  { curve: { server: true, secretKey } },
);

// What encrypts knows no pattern.
const some = patterns.filter(({ isEverywhere }) => isEverywhere);

// 4,000 messages and 64 MiB are much to encrypt, and are checked without it.
const isTooMuch = (check: string): boolean => /^of 4,000|^what a slow peer/.test(check);

conform("tcp", some, (check, pattern) => isTooMuch(check) || isLeftOut(check, pattern));
