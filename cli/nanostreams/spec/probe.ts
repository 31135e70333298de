/* The subcommand probe. */
import { CONNECTION_FLAGS } from "./flags.ts";
import { BadValue, type Command, type Flag } from "./types.ts";
import { duration } from "./values.ts";

/** In milliseconds. */
const LONGEST = 24 * 60 * 60 * 1000;

/** The flags of a connection that matter before anything is sent on it. */
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
    help: "Give up on a URL after TIME, as 500ms, 2s or 1m [2s]",
    parse: shortTime,
  },
  {
    name: "json",
    short: "j",
    group: "What is printed",
    help: "Print a JSON object a URL",
  },
  ...CONNECTION_FLAGS.filter(({ name }) => CONNECTING.has(name)),
];

/** A time that timers can wait. */
function shortTime(text: string): number {
  const time = duration(text);
  if (time <= LONGEST) return time;
  throw new BadValue("a time up to 24h, as 500ms, 2s or 1m");
}

export const PROBE: Command = {
  name: "probe",
  summary: "Tell what is at an address",
  about:
    "Tells whether an address speaks SP (and which protocol), ZMTP (version, socket type, mechanism), HTTP, TLS, " +
    "or something else, and the round trip. For ws:// and wss:// it tells which subprotocols are accepted. It does not " +
    "become a peer, except for a moment on a WebSocket. Exit status 0: something is there; 1: nothing.",
  operands: "URL...",
  flags: FLAGS,
  examples: [
    {
      line: "nanostreams probe tcp://127.0.0.1:5555 || echo 'nothing is there'",
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
