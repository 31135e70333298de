/** Our nngcat beside nng's own, of Debian: the same command lines print the same, word for word, and end the same. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type FormatName, NNGCAT_FORMATTERS } from "../../cli/lib/formats.ts";
import { parseCommand } from "../../cli/nngcat/command.ts";
import { Push } from "../../mod.ts";
import { certificates } from "../helpers/certificates.ts";
import { OUR_NNGCAT } from "../helpers/nanocat.ts";
import { NNGCAT } from "../helpers/peers.ts";
import { type Finished, run, start } from "../helpers/process.ts";
import { WRONG } from "./nngcat_lines.ts";

const { command, skip } = NNGCAT;
const folder = mkdtempSync(join(tmpdir(), "nngcat-interop-"));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
/** A path that nobody else uses. */
function path(): string {
  return join(folder, String(count++));
}

function saved(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const { ca, server, strangerCa } = await certificates();
const FILES: Readonly<Record<string, string>> = {
  CA: saved("ca.pem", ca),
  STRANGER: saved("stranger.pem", strangerCa),
  CERT: saved("server.pem", server.cert),
  KEY: saved("server.key", server.key),
  BOTH: saved("both.pem", server.cert + server.key),
  BAD: saved("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
  TEXT: saved("text", "text"),
};

/** Words between spaces; '' is an empty one, and capitals stand for files. */
function words(line: string, socket: string = path()): string[] {
  return line.split(" ").filter((word) => word !== "").map((word) =>
    word === "''" ? "" : FILES[word] ?? word.replace("SOCKET", socket)
  );
}

/** What a line came to, as both print it. */
function told({ code, stdout, stderr }: Finished): object {
  return { code, stdout: stdout.toString("latin1"), stderr };
}

/** The same for the part of ours that reads the command line, without a process of its own. */
async function understood(args: readonly string[]): Promise<object> {
  try {
    await parseCommand(args, readFile);
  } catch (error) {
    return { code: 1, stdout: "", stderr: `${(error as Error).message}\n` };
  }
  return { code: 0, stdout: "", stderr: "" };
}

describe("as nng's nngcat", () => {
  for (const [what, lines] of Object.entries(WRONG)) {
    test(`ours says the same about ${what}`, { skip }, async () => {
      for (const line of lines) {
        const args = line === "''" ? [] : words(line);
        assert.deepEqual(await understood(args), told(await run(command, args)), line);
      }
    });
  }

  test("ours has its help, and ends after it with its status", { skip }, async () => {
    for (const args of [["--help"], ["-h", "--foo"], ["--push0", "--hel"]]) {
      assert.deepEqual(told(await OUR_NNGCAT.run(args)), told(await run(command, args)));
    }
  });

  test("ours prints a version and nothing else", { skip }, async () => {
    const [theirs, ours] = await Promise.all([run(command, ["-V"]), OUR_NNGCAT.run(["-V"])]);
    const version = /^\d+\.\d+\.\d+\n$/;
    for (const { stdout } of [theirs, ours]) assert.match(stdout.toString(), version);
    assert.deepEqual([ours.code, ours.stderr], [theirs.code, theirs.stderr]);
  });

  const PLACES: Readonly<Record<string, readonly string[]>> = {
    "that are none": [
      "--pull0 --dial nowhere",
      "--pull0 --dial ''",
      "--pull0 --listen nowhere",
      "--pull0 --listen tcp:/127.0.0.1:1",
      "--pull0 --dial tcp://",
      "--pull0 --listen tcp://",
      "--pull0 --dial tcp://127.0.0.1",
      "--pull0 --dial tcp://127.0.0.1:",
      "--pull0 --listen tcp://127.0.0.1:",
      "--pull0 --dial tcp://[::1:5",
      "--pull0 --dial tcp://127.0.0.1:1/path",
    ],
    "of other schemes": [
      "--pull0 --listen foo://bar",
      "--pull0 --dial foo://bar",
      "--pull0 --dial http://127.0.0.1:1",
      "--pull0 --listen udp://127.0.0.1:3",
    ],
    "with a wrong host or port": [
      "--pull0 --dial tcp://*:1",
      "--pull0 --dial tcp://:1",
      "--pull0 --dial ws://*:1",
      "--pull0 --dial tcp://127.0.0.1:abc",
      "--pull0 --listen tcp://127.0.0.1:abc",
      "--pull0 --dial ws://127.0.0.1:abc",
      "--pull0 --listen ws://127.0.0.1:abc",
      "--pull0 --dial tls+tcp://127.0.0.1:abc",
      "--pull0 -L 65536",
      "--pull0 -l 65536",
      "--pull0 --listen tcp://256.0.0.1:5",
      "--pull0 --listen tcp://nohost.invalid:5",
      "--pull0 --dial tcp://nohost.invalid:5",
    ],
    "of files": [
      "--pull0 -x /nonexistent/foo",
      "--pull0 -X /nonexistent/foo",
      "--pull0 --dial ipc://",
      "--pull0 --listen ipc://",
      "--pull0 --dial unix://SOCKET",
      "--pull0 -x SOCKET",
      "--pull0 -XSOCKET -X SOCKET",
      `--pull0 --dial ipc://${"a".repeat(200)}`,
    ],
    "where nobody listens": [
      "--pull0 --dial tcp://127.0.0.1:1",
      "--push0 -D x -l 0001",
      "--pair0 --dial ws://127.0.0.1:1",
      "--pull0 --dial abstract://nngcat-interop-nobody",
      "--pull0 --dial inproc://nobody",
      "--pull0 --dial tls+tcp://127.0.0.1:1",
      "--pull0 --dial wss://127.0.0.1:1/",
    ],
    "with certificates that are none": [
      "--push0 -D x --listen tls+tcp://127.0.0.1:0 --cert TEXT",
      "--push0 -D x --listen tls+tcp://127.0.0.1:0 --cert BAD",
      "--push0 -D x --listen tls+tcp://127.0.0.1:0 --cert CERT",
      "--push0 -D x --listen tls+tcp://127.0.0.1:0 --cert CERT --key BAD",
      "--push0 -D x --dial tls+tcp://127.0.0.1:1 --cacert TEXT",
      "--push0 -D x --dial wss://127.0.0.1:1/ --cacert BAD --async",
    ],
  };
  for (const [which, lines] of Object.entries(PLACES)) {
    test(`ours says the same of addresses ${which}`, { skip }, async () => {
      await Promise.all(lines.map(async (line) => {
        // What is bound in passing has the same path in both, one after the other.
        const args = words(line);
        const theirs = told(await run(command, args));
        assert.deepEqual(told(await OUR_NNGCAT.run(args)), theirs, line);
      }));
    });
  }

  const ENDS: readonly (readonly string[])[] = [[
    "--push0 -D x --send-timeout 1 -X SOCKET",
    "--push0 -D x --send-timeout 1 -x SOCKET --async",
    "--push0 -D x --send-timeout 1 -x SOCKET --compat",
    "--pair0 -D x --send-timeout 1 -X SOCKET",
    "--pair1 -D x --send-timeout 1 -X SOCKET",
  ], [
    "--req0 -D x --send-timeout 1 -X SOCKET",
    "--pub0 -D x -X SOCKET",
    "--pub0 -D x -X SOCKET --count 3",
  ], [
    "--pull0 --recv-timeout 1 -X SOCKET",
    "--sub0 --recv-timeout 1 -X SOCKET --subscribe x",
    "--bus0 -D x --recv-timeout 1 -X SOCKET -A",
    "--pair0 --recv-timeout 1 -X SOCKET",
    "--rep0 --recv-timeout 1 -X SOCKET",
  ], [
    "--rep0 -D x --recv-timeout 1 -X SOCKET",
    "--respondent0 --recv-timeout 1 -X SOCKET",
    "--respondent0 -D x --recv-timeout 1 -X SOCKET",
    "--surveyor0 -D x -X SOCKET",
    "--surveyor0 -D x -X SOCKET --count 2",
  ], [
    "--pull0 --recv-timeout 1 -X SOCKET -v",
    "--pull0 --recv-timeout 1 -v -q -X SOCKET",
    "--pull0 --recv-timeout 1 -v -x SOCKET --async --dial tcp://LOCALHOST:1 --dial ws://localhost:3/x",
    "--bus0 --recv-timeout 1 -v --listen unix://SOCKET --dial unix://SOCKET",
  ]];
  for (const lines of ENDS) {
    const short = lines.map((line) => line.replaceAll("SOCKET", ""));
    test(`ours ends with the same words: ${short.join("; ")}`, { skip }, async () => {
      await Promise.all(lines.map(async (line) => {
        const [here, there] = [path(), path()];
        const [theirs, ours] = await Promise.all([
          run(command, words(line, there)),
          OUR_NNGCAT.run(words(line, here)),
        ]);
        const stdout = Buffer.from(ours.stdout.toString().replaceAll(here, there));
        assert.deepEqual(told({ ...ours, stdout }), told(theirs), line);
      }));
    });
  }

  test("ours dials its --pair, which nng has only in its help", { skip }, async () => {
    const args = words("--pair -D x --send-timeout 1 -X SOCKET");
    assert.equal((await run(command, args)).stderr, "No protocol specified.\n");
    assert.equal((await OUR_NNGCAT.run(args)).stderr, "Send error: Timed out\n");
  });

  const PROGRAMS = [
    { name: "ours", start: OUR_NNGCAT.start, run: OUR_NNGCAT.run },
    {
      name: "nng's",
      start: (args: readonly string[]) => start(command, args),
      run: (args: readonly string[]) => run(command, args),
    },
  ];
  for (const [index, server] of PROGRAMS.entries()) {
    const client = PROGRAMS[1 - index]!;
    test(`${client.name} trusts ${server.name} over TLS, or says why not`, { skip }, async () => {
      const to = `tls+tcp://localhost:${10_000 + Math.floor(Math.random() * 22_000)}`;
      await using rep = server.start(
        words(`--rep0 --listen ${to} --cert BOTH --data pong --quoted -v --recv-timeout 25`),
      );
      const ask = `--req0 --dial ${to} --data ping --quoted`;
      const retry = async (flags: string): Promise<Finished> => {
        for (;;) {
          const finished = await client.run(words(`${ask} ${flags}`));
          // nng's says that it listens only when it prints a message.
          if (!finished.stderr.includes("refused")) return finished;
        }
      };
      for (const trust of ["--cacert CA", "--insecure"]) {
        const answered = { code: 0, stdout: '"pong"\n', stderr: "" };
        assert.deepEqual(told(await retry(trust)), answered);
      }
      await rep.line(/^"ping"$/);
      const stranger = {
        code: 1,
        stdout: "",
        stderr: `Unable to dial on ${to}: Cryptographic error\n`,
      };
      assert.deepEqual(told(await retry("--cacert STRANGER")), stranger);
      const nobody = {
        ...stranger,
        stderr: `Unable to dial on ${to}: Peer could not be authenticated\n`,
      };
      assert.deepEqual(told(await retry("")), nobody);
    });
  }

  const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const SIZES = [0, 1, 255, 256, 65_535, 65_536];
  for (const format of ["raw", "ascii", "quoted", "msgpack", "hex"] satisfies FormatName[]) {
    test(`ours prints messages of every size in ${format} alike`, { skip }, async () => {
      const messages = [EVERY_BYTE, ...SIZES.map((size) => new Uint8Array(size).fill(size))];
      const expected = Buffer.concat(messages.map(NNGCAT_FORMATTERS[format]));
      await using push = new Push();
      const address = `ipc://${path()}`;
      await push.bind(address);
      await using pull = start(command, ["--pull", "--connect", address, `--${format}`]);
      for (const message of messages) await push.send(message);
      await pull.until(({ stdout }) => stdout.length >= expected.length);
      assert.ok(pull.stdout.equals(expected));
    });
  }
});
