/*
 * Deno's `node:tls` calls every certificate that it refuses one of an unknown authority, also one that has expired (seen with Deno
 * 2.9.6), and shows no certificate that it has refused. So this fetches the certificate once more, and looks at its dates.
 */
import type { StreamTarget } from "../../../runtime.ts";
import { builtin } from "../builtin.ts";
import { opened } from "../net/open.ts";
import type { TlsConnectOptions, TlsModule } from "../tls/tls_api.ts";

const UNTRUSTED = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";

/** Tells whether Deno refused a certificate and may not have said why. */
export function isVague(code: unknown): boolean {
  return "Deno" in globalThis && code === UNTRUSTED;
}

/**
 * Returns the error of a handshake with a code that says what is wrong with the server's certificate, where Deno did not; any
 * other error, and every error of another runtime, as it is. Sends nothing to the server but a greeting.
 *
 * @param servername What the server was asked for.
 */
export async function explainCertificate<Failure>(
  error: Failure,
  { host, port, local }: Extract<StreamTarget, { kind: "tcp" }>,
  servername: Pick<TlsConnectOptions, "servername">,
  signal: AbortSignal,
): Promise<Failure | Error> {
  if (!isVague((error as { code?: unknown } | undefined)?.code)) return error;
  const socket = builtin<TlsModule>("node:tls").connect({
    host: host ?? "localhost",
    port,
    ...(local !== undefined && { localAddress: local }),
    ...servername,
    rejectUnauthorized: false,
  });
  try {
    await opened(socket, "secureConnect", signal);
    const { valid_from, valid_to } = socket.getPeerCertificate() ?? {};
    const code = Date.parse(valid_to ?? "") < Date.now()
      ? "CERT_HAS_EXPIRED"
      : Date.parse(valid_from ?? "") > Date.now()
      ? "CERT_NOT_YET_VALID"
      : UNTRUSTED;
    return Object.assign(new Error(code, { cause: error }), { code });
  } catch {
    return error;
  } finally {
    socket.destroy();
  }
}
