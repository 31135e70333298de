/*
 * Deno binds `::` for IPv4 as well, also where `node:net` is told `ipv6Only` (seen with Deno 2.9.6). So peers that come by
 * IPv4 are let go.
 */
import { SPError } from "../../../../src/base/errors.ts";
import type { ListenerSink } from "../../../../src/contracts/transport.ts";
import type { Family } from "../../../host_port.ts";

/** Hands on who comes by the family that was bound. */
export function onlyOf(family: Family | undefined, sink: ListenerSink): ListenerSink {
  if (family !== 6 || !("Deno" in globalThis)) return sink;
  return {
    ...sink,
    connection: (connection, release) => {
      const { remoteAddress } = connection;
      if (remoteAddress.includes("[")) return sink.connection(connection, release);
      release?.();
      connection.destroy();
      const message = `Refused ${remoteAddress}: it came by IPv4, and only IPv6 is bound`;
      sink.rejected(remoteAddress, new SPError("EREJECTED", message));
    },
  };
}
