/* The subcommand probe. */
import { CONNECTION_FLAGS } from "./flags.ts";
import type { Command, Flag } from "./types.ts";
import { duration } from "./values.ts";

/** What there is to say of a connection before anybody speaks on it. */
const CONNECTING: ReadonlySet<string> = new Set([
  "cacert",
  "cert",
  "header",
  "insecure",
  "key",
  "server-name",
]);

const FLAGS: readonly Flag[] = [
  {
    name: "timeout",
    argument: "TIME",
    group: "Times and limits",
    help: "Give up after so long, as 500ms, 2s or 1m, for each URL [2s]",
    parse: duration,
  },
  {
    name: "json",
    short: "j",
    group: "What is printed",
    help: "Print a JSON object a URL",
  },
  ...CONNECTION_FLAGS.filter(({ name }) => CONNECTING.has(name)),
];

export const PROBE: Command = {
  name: "probe",
  summary: "Tell who is at an address",
  about:
    "Tells whether SP (and which protocol), ZMTP (its version, socket type and mechanism), HTTP, TLS, or something else is " +
    "there, and how long it takes to get there. For ws:// and wss:// it tells which subprotocols are accepted. It becomes nobody's " +
    "peer, but for a moment on WebSockets. Exit status 0: somebody is there; 1: nothing.",
  operands: "URL...",
  flags: FLAGS,
  examples: [
    {
      line: "nanostreams probe tcp://127.0.0.1:5555 || echo 'nobody is there'",
      about: "Who listens on port 5555?",
    },
    {
      line:
        "nanostreams probe --json --timeout 500ms ipc://service.ipc ws://127.0.0.1:8080/ || true",
      about: "Two addresses, as JSON for a program, half a second each",
    },
  ],
  load: () => import("../probe/probe.ts"),
};
