/** How `nanostreams` makes connections, keeps them, and whom it trusts: each flag. */

import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { after, test } from "node:test";
import { Pair, Pull, Push } from "../../../mod.ts";
import { curveKeyPair, Pull as ZmtpPull } from "../../../zmtp/mod.ts";
import { text } from "../../helpers/bytes.ts";
import { certificates } from "../../helpers/certificates.ts";
import { Folder, runNanostreams, startBound, startNanostreams } from "../../helpers/nanostreams.ts";
import type { Child } from "../../helpers/process.ts";

const folder = new Folder();
after(() => folder.remove());

const LIMITED = ["--timeout", "20s"];

/** The address that a process is bound to, as it says. */
function boundAddress(child: Child): string {
  return /bound to (\S+)/.exec(child.stderr)![1]!;
}

function written(content: string): string {
  const path = folder.file();
  writeFileSync(path, content);
  return path;
}

test("--bind and --connect say which, against the habit, and may be repeated", async () => {
  const [one, two] = [folder.address(), folder.address()];
  const [push, first, second] = await Promise.all([
    runNanostreams([
      "push",
      "--bind",
      one,
      "--bind",
      two,
      "--wait-peers",
      "2",
      "--data",
      "{{n}}",
      "--count",
      "2",
    ]),
    runNanostreams(["pull", "--connect", one, "--count", "1"]),
    runNanostreams(["pull", "--connect", two, "--count", "1"]),
  ]);
  assert.deepEqual([push.code, first.code, second.code], [0, 0, 0]);
  assert.deepEqual([`${first.stdout}`, `${second.stdout}`].sort(), ["1\n", "2\n"]);
});

test("errors are one sentence: what cannot be done, and what to try", async () => {
  const address = folder.address();
  await using _ = await startBound(["pull", address]);
  const [none, taken, scheme, refused, option, typo, command, wire, wrong] = await Promise.all([
    runNanostreams(["pull"]),
    runNanostreams(["pull", address]),
    runNanostreams(["pull", "localhost:5555"]),
    runNanostreams(["push", folder.address(), "--fail-fast", "--data", "x"]),
    runNanostreams(["pull", address, "--count", "many"]),
    runNanostreams(["pull", address, "--cuont", "1"]),
    runNanostreams(["pul", address]),
    runNanostreams(["push", address, "--username", "me"]),
    runNanostreams(["bus", address, "--wire", "zmtp"]),
  ]);
  assert.match(none.stderr, /^nanostreams: no address: nanostreams pull tcp:/);
  assert.match(
    taken.stderr,
    /^nanostreams: cannot bind to "ipc:.*\(EADDRINUSE\): take another address/,
  );
  assert.match(scheme.stderr, /^nanostreams: .*"localhost:5555"/);
  assert.match(refused.stderr, /^nanostreams: cannot connect to "ipc:.*ENOENT/);
  assert.match(
    option.stderr,
    /^nanostreams: option.*--count.*Expected a whole number, 0 or more; see/,
  );
  assert.match(typo.stderr, /^nanostreams: unknown option '--cuont'.*Did you mean --count\?/);
  assert.equal(command.stderr, 'nanostreams: unknown subcommand "pul": did you mean pull?\n');
  assert.equal(wire.stderr, "nanostreams: --username is for --wire zmtp, and this is --wire sp\n");
  assert.match(wrong.stderr, /--wire.*Expected sp/);
  const ends = [none, taken, scheme, refused, option, typo, command, wire, wrong];
  assert.deepEqual(ends.map(({ code }) => code), [2, 1, 2, 1, 2, 2, 2, 2, 2]);
  for (const { stderr } of ends) assert.equal(stderr.split("\n").length, 2);
});

test("--max-size refuses what is larger, --receive-buffer and --send-buffer take sizes", async () => {
  const address = folder.address();
  await using pull = await startBound(
    ["pull", address, "--max-size", "1k", "--receive-buffer", "64k", ...LIMITED, "--count", "1"],
  );
  await using large = startNanostreams([
    "push",
    address,
    "--send-buffer",
    "1M",
    "--data",
    "x".repeat(2000),
  ]);
  await large.finished();
  await using small = startNanostreams(["push", address, "--data", "small"]);
  assert.equal((await pull.finished()).stdout.toString(), "small\n");
  assert.equal((await small.finished()).code, 0);
  const { code, stderr } = await runNanostreams(["pull", address, "--max-size", "big"]);
  assert.equal(code, 2);
  assert.match(stderr, /Expected a size in bytes, as 512, 64k or 1M/);
});

test("--reconnect and --connect-timeout: it tries again, as often as that", async () => {
  const address = folder.address();
  const args = ["--reconnect", "20ms", "--connect-timeout", "1s"];
  await using push = startNanostreams(["push", address, "--data", "x", ...args]);
  await using pull = new Pull();
  await pull.bind(address);
  assert.equal(text(await pull.receive()), "x");
  assert.equal((await push.finished()).code, 0);
});

test("--idle-timeout ends a silent connection, --max-peers refuses one more", async () => {
  const address = folder.address();
  await using cli = await startBound(["pair", "--bind", address, "--idle-timeout", "200ms"]);
  await using pair = new Pair({ reconnectMin: 3_600_000, reconnectMax: 3_600_000 });
  const events = pair.events().getReader();
  pair.connect(address);
  assert.equal((await events.read()).value?.type, "attached");
  assert.equal((await events.read()).value?.type, "detached");
  cli.kill("SIGKILL");

  const other = folder.address();
  await using pull = await startBound(["pull", other, "--max-peers", "1"]);
  await using first = new Push();
  first.connect(other);
  await first.peers(1);
  await using second = new Push();
  await assert.rejects(second.connect(other, { failFast: true }).opened);
  pull.kill("SIGKILL");
});

test("--keep-alive takes a time", async () => {
  await using pull = await startBound(["pull", "tcp://127.0.0.1:0", "--keep-alive", "30s"]);
  const push = await runNanostreams([
    "push",
    boundAddress(pull),
    "--data",
    "x",
    "--keep-alive",
    "30s",
  ]);
  assert.equal(push.code, 0);
  await pull.until(({ stdout }) => stdout.toString() === "x\n");
});

test("--ipc-mode sets the permissions of the file", async () => {
  const path = folder.file();
  await using pull = await startBound(["pull", `ipc://${path}`, "--ipc-mode", "666"]);
  assert.equal(statSync(path).mode & 0o777, 0o666);
  pull.kill("SIGKILL");
  const { code } = await runNanostreams(["pull", folder.address(), "--ipc-mode", "999"]);
  assert.equal(code, 2);
});

test("--header sends headers with the WebSocket request", async () => {
  const server = createServer();
  const asked = new Promise<string | undefined>((resolve) => {
    server.on("upgrade", (request, socket) => {
      resolve(request.headers["authorization"]);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await using push = startNanostreams(
    ["push", `ws://127.0.0.1:${port}/x`, "--data", "x", "-H", "Authorization: Bearer abc"],
  );
  assert.equal(await asked, "Bearer abc");
  push.kill("SIGKILL");
  await push.exited;
  await new Promise((resolve) => server.close(resolve));
});

test("--origin says which pages may connect", async () => {
  await using pull = await startBound(
    ["pull", "ws://127.0.0.1:0", "--origin", "https://a.example", "--origin", "https://b.example"],
  );
  const address = boundAddress(pull);
  const from = (origin: string) =>
    runNanostreams(["push", address, "--fail-fast", "--data", origin, "-H", `Origin: ${origin}`]);
  assert.equal((await from("https://b.example")).code, 0);
  assert.equal((await from("https://c.example")).code, 1);
  await pull.until(({ stdout }) => stdout.toString() === "https://b.example\n");
});

test("TLS by files: --cert, --key, --cacert, --server-name, --insecure, --client-cert", async () => {
  const made = await certificates();
  const ca = written(made.ca);
  const server = ["--cert", written(made.server.cert), "--key", written(made.server.key)];
  const client = ["--cert", written(made.client.cert), "--key", written(made.client.key)];
  const stranger = [
    "--cert",
    written(made.strangerClient.cert),
    "--key",
    written(made.strangerClient.key),
  ];

  await using pull = await startBound(["pull", "tls+tcp://127.0.0.1:0", ...server]);
  const push = (address: string, name: string, ...args: string[]) =>
    runNanostreams(["push", address, "--data", name, "--fail-fast", "--timeout", "10s", ...args]);
  const open = boundAddress(pull);
  const [trusted, named, insecure, unknown, misnamed] = await Promise.all([
    push(open, "trusted", "--cacert", ca),
    push(open, "named", "--cacert", ca, "--server-name", "localhost"),
    push(open, "insecure", "--insecure"),
    push(open, "unknown"),
    push(open, "misnamed", "--cacert", ca, "--server-name", "elsewhere.example"),
  ]);
  assert.deepEqual([trusted, named, insecure, unknown, misnamed].map(({ code }) => code), [
    0,
    0,
    0,
    1,
    1,
  ]);
  assert.match(
    unknown.stderr,
    /^nanostreams: cannot connect to "tls\+tcp:.*see --cacert.*--insecure trusts anybody\n$/,
  );
  await pull.until(({ stdout }) => stdout.toString().trim().split("\n").length === 3);
  assert.deepEqual(pull.stdout.toString().trim().split("\n").sort(), [
    "insecure",
    "named",
    "trusted",
  ]);

  await using strict = await startBound(
    ["pull", "tls+tcp://127.0.0.1:0", ...server, "--cacert", ca, "--client-cert", "--count", "1"],
  );
  const closed = boundAddress(strict);
  const [known, other] = await Promise.all([
    push(closed, "known", "--cacert", ca, ...client),
    push(closed, "other", "--cacert", ca, ...stranger),
  ]);
  assert.equal(known.code, 0);
  assert.notEqual(other.code, 0);
  assert.equal((await strict.finished()).stdout.toString(), "known\n");

  const missing = await push(open, "x", "--cacert", folder.file("missing"));
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^nanostreams: cannot read --cacert ".*missing"/);
});

test("PLAIN: --username, and --password by a file", async () => {
  const address = folder.address();
  await using pull = new ZmtpPull({ plain: { server: true, users: { me: "secret" } } });
  await pull.bind(address);
  const push = (password: string) =>
    startNanostreams(
      [
        "push",
        address,
        "--wire",
        "zmtp",
        "--data",
        password,
        "--username",
        "me",
        "--password",
        written(password),
      ],
    );
  await using wrong = push("guess");
  await using right = push("secret\n");
  assert.equal(text((await pull.receive())[0]!), "secret\n");
  assert.equal((await right.finished()).code, 0);
  wrong.kill("SIGKILL");
});

test("CURVE: --curve-key for a server, --curve-server for a client", async () => {
  const keys = await curveKeyPair();
  const address = folder.address();
  const { stdout, code } = await (async () => {
    const [pull] = await Promise.all([
      runNanostreams([
        "pull",
        address,
        "--wire",
        "zmtp",
        "--curve-key",
        written(keys.secretKey),
        "--count",
        "1",
      ]),
      runNanostreams([
        "push",
        address,
        "--wire",
        "zmtp",
        "--curve-server",
        keys.publicKey,
        "--data",
        "x",
      ]),
    ]);
    return pull;
  })();
  assert.deepEqual([stdout.toString(), code], ["x\n", 0]);
});

test("--connect-timeout ends a try that nothing comes of", async () => {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const { code } = await runNanostreams(
    [
      "push",
      `tcp://127.0.0.1:${port}`,
      "--data",
      "x",
      "--timeout",
      "300ms",
      "--connect-timeout",
      "100ms",
    ],
  );
  assert.equal(code, 4);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});
