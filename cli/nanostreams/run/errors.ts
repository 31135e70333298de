/* What a person is told of an error of the library's: one sentence, and what to try. */
import { SPError, type SPErrorCode } from "../../../mod.ts";
import { EXIT, Failure } from "../ends.ts";

const HINTS: Readonly<Partial<Record<SPErrorCode, string>>> = {
  EACCES: "ports below 1024 are for root, and files for who may write there",
  EADDRINUSE: "take another address, or --connect to it",
  EADDRNOTAVAIL: "bind to 127.0.0.1, or to * for all of this machine's addresses",
  ETLS: "--cacert names who is trusted, --insecure trusts anybody",
  ENOTFOUND: "is the host's name right?",
};

/** The code of an error of the library's. */
export function codeOf(error: unknown): SPErrorCode | undefined {
  return error instanceof SPError ? error.code : undefined;
}

/** Options that the library's errors name, and their flags. */
const FLAGS: Readonly<Record<string, string>> = {
  "tls.ca": "--cacert",
  "tls.cert": "--cert",
  "tls.key": "--key",
  "tls.serverName": "--server-name",
  "plain.username": "--username",
  "plain.password": "--password",
  "curve.secretKey": "--curve-key",
  "curve.serverKey": "--curve-server",
};

/** The sentence of an error. */
export function sentence(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const message = said.replaceAll(/\b(?:tls|plain|curve)\.\w+/g, (name) => FLAGS[name] ?? name);
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** An error as the program's end; what is none of the library's stays what it is. */
export function explained(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const hint = HINTS[code];
  const status = code === "EINVAL" ? EXIT.usage : EXIT.failed;
  const what = hint === undefined ? sentence(error) : `${sentence(error)}: ${hint}`;
  return new Failure(status, what, { cause: error });
}
