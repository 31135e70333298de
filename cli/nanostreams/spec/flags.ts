/* The flags that several subcommands share: addresses, times and limits, connections, reports. */
import type { Flag } from "./types.ts";
import { count, duration, fileMode, header, size } from "./values.ts";

const ADDRESSES = "Addresses";
const LIMITS = "Times and limits";
const CONNECTIONS = "Connections";
const SECURITY = "Who is trusted";
const REPORTS = "Reports, on standard error";

/** Which wire. */
export const WIRE: Flag = {
  name: "wire",
  short: "w",
  argument: "WIRE",
  choices: ["sp", "zmtp"],
  group: ADDRESSES,
  help: "Speak nanomsg's wire (sp) or ZeroMQ's (zmtp) [sp]",
};

/** Where to. */
export const ADDRESS_FLAGS: readonly Flag[] = [
  {
    name: "bind",
    short: "b",
    argument: "URL",
    repeats: true,
    group: ADDRESSES,
    help: "Bind to an address; may be repeated",
  },
  {
    name: "connect",
    short: "c",
    argument: "URL",
    repeats: true,
    group: ADDRESSES,
    help: "Connect to an address; may be repeated",
  },
];

/** When it is enough. */
export const COUNT: Flag = {
  name: "count",
  short: "n",
  argument: "N",
  group: LIMITS,
  help: "Stop after N messages",
  parse: count(0),
};

/** How long it may take. @param help What that is. */
export function timeout(help: string): Flag {
  return {
    name: "timeout",
    argument: "TIME",
    group: LIMITS,
    help: `${help}, as 500ms, 2s or 1m [forever]`,
    parse: duration,
  };
}

/** Limits of subcommands that send. */
export const SEND_LIMITS: readonly Flag[] = [
  {
    name: "linger",
    isRare: true,
    argument: "TIME",
    group: LIMITS,
    help:
      "How long to keep sending at the end; then exit with status 1 [forever; after a signal, 5s without a peer]",
    parse: duration,
  },
  {
    name: "send-buffer",
    isRare: true,
    argument: "SIZE",
    group: LIMITS,
    help: "Maximum bytes queued for one peer [512k; 1M where all peers get each message]",
    parse: size,
  },
];

/** Limits of subcommands that receive. */
export const RECEIVE_LIMITS: readonly Flag[] = [
  {
    name: "receive-buffer",
    isRare: true,
    argument: "SIZE",
    group: LIMITS,
    help: "Maximum bytes that wait to be printed [2M]",
    parse: size,
  },
];

/** The most steps of a message. */
export const TTL: Flag = {
  name: "ttl",
  isRare: true,
  argument: "N",
  wire: "sp",
  group: LIMITS,
  help: "Drop messages after more than N hops, 1 to 255 [8]",
  parse: count(1),
};

/** What a full queue does. */
export const OVERFLOW: Flag = {
  name: "overflow",
  isRare: true,
  argument: "POLICY",
  choices: ["drop-oldest", "drop-newest", "block"],
  group: LIMITS,
  help: "What to do when a peer's queue is full [drop-oldest]",
};

/** How connections are made and kept. */
const PLAIN_CONNECTION_FLAGS: readonly Flag[] = [
  {
    name: "max-size",
    isRare: true,
    argument: "SIZE",
    group: LIMITS,
    help: "Accept messages of up to SIZE, as 64k or 16M [1M; zmtp: 64M]",
    parse: size,
  },
  {
    name: "fail-fast",
    isRare: true,
    group: CONNECTIONS,
    help: "Fail if the first try to connect fails [try again]",
  },
  {
    name: "connect-timeout",
    isRare: true,
    argument: "TIME",
    group: CONNECTIONS,
    help: "How long one try to connect may take [10s]",
    parse: duration,
  },
  {
    name: "reconnect",
    isRare: true,
    argument: "TIME",
    group: CONNECTIONS,
    help: "The longest pause between two tries to connect [2s]",
    parse: duration,
  },
  {
    name: "idle-timeout",
    isRare: true,
    argument: "TIME",
    group: CONNECTIONS,
    help: "End a connection on which nothing has come for TIME [never]",
    parse: duration,
  },
  {
    name: "keep-alive",
    isRare: true,
    argument: "TIME",
    group: CONNECTIONS,
    help:
      "How long a TCP connection may be silent before it is probed [15s; on Deno, tcp:// has the system's]",
    parse: duration,
  },
  {
    name: "max-peers",
    isRare: true,
    argument: "N",
    group: CONNECTIONS,
    help: "Have at most N peers",
    parse: count(1),
  },
  {
    name: "ipc-mode",
    isRare: true,
    argument: "MODE",
    group: CONNECTIONS,
    help: "Permissions of the ipc:// socket's file, as for chmod [600]",
    parse: fileMode,
  },
  {
    name: "header",
    isRare: true,
    short: "H",
    argument: "LINE",
    repeats: true,
    group: CONNECTIONS,
    help: 'A header of the WebSocket request, as "Name: value"; may be repeated',
    parse: header,
  },
  {
    name: "origin",
    isRare: true,
    argument: "ORIGIN",
    repeats: true,
    group: CONNECTIONS,
    help:
      "Web pages of ORIGIN may connect to ws://; may be repeated, * is all [the same host and port]",
  },
];

/** Who is trusted. */
const SECURITY_FLAGS: readonly Flag[] = [
  { name: "cert", isRare: true, argument: "FILE", group: SECURITY, help: "Our certificate, PEM" },
  { name: "key", isRare: true, argument: "FILE", group: SECURITY, help: "Its private key, PEM" },
  {
    name: "cacert",
    isRare: true,
    argument: "FILE",
    group: SECURITY,
    help: "Certificates of the trusted authorities, PEM [the runtime's]",
  },
  {
    name: "insecure",
    isRare: true,
    short: "k",
    group: SECURITY,
    help: "Trust any certificate of the server",
  },
  {
    name: "server-name",
    isRare: true,
    argument: "NAME",
    group: SECURITY,
    help: "The name that the server's certificate must have [the host]",
  },
  {
    name: "client-cert",
    isRare: true,
    group: SECURITY,
    help: "Accept only clients with a certificate by an authority in --cacert",
  },
  {
    name: "username",
    isRare: true,
    argument: "NAME",
    wire: "zmtp",
    group: SECURITY,
    help: "PLAIN: our name (zmtp)",
    conflicts: ["curve-key", "curve-server"],
  },
  {
    name: "password",
    isRare: true,
    argument: "FILE",
    wire: "zmtp",
    group: SECURITY,
    help: "PLAIN: a file with our password (zmtp)",
  },
  {
    name: "curve-key",
    isRare: true,
    argument: "FILE",
    wire: "zmtp",
    group: SECURITY,
    help:
      "CURVE: a file with our secret key, in Z85; without --curve-server we are the server (zmtp)",
  },
  {
    name: "curve-server",
    isRare: true,
    argument: "KEY",
    wire: "zmtp",
    group: SECURITY,
    help: "CURVE: the server's public key, in Z85; we are a client (zmtp)",
  },
];

/** How connections are made and kept, and who is trusted. */
export const CONNECTION_FLAGS: readonly Flag[] = [...PLAIN_CONNECTION_FLAGS, ...SECURITY_FLAGS];

/** What happens. */
export const REPORT_FLAGS: readonly Flag[] = [
  { name: "stats", group: REPORTS, help: "A line a second, and a table at the end" },
  {
    name: "events",
    argument: "FORMAT",
    isOptional: true,
    choices: ["text", "json"],
    group: REPORTS,
    help: "Who comes and goes, what fails and what is lost",
  },
  {
    name: "progress",
    isRare: true,
    argument: "WHEN",
    isOptional: true,
    choices: ["terminal", "always"],
    group: REPORTS,
    help: "A progress bar if the end is known, else a count [only on a terminal]",
  },
  {
    name: "verbose",
    short: "v",
    group: REPORTS,
    help: "The same as --events, and what is bound",
  },
];
