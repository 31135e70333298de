/** Our nanocat as a program: what it prints, where, and how it ends. On the runtime that runs the tests. */

import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Pub, Push, Rep } from "../../mod.ts";
import { runNanocat, startNanocat } from "../helpers/nanocat.ts";
import { type Child, run } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";

const folder = mkdtempSync(join(tmpdir(), "nanocat-"));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
/** The path of a socket file that nobody else uses. */
function path(): string {
  return join(folder, String(count++));
}

/** Starts a nanocat that binds, and waits until it has. */
async function startBound(args: readonly string[]): Promise<Child> {
  const child = startNanocat([...args, "--verbose"]);
  await child.line(/: bound to /);
  return child;
}

// Bun tells a program the path behind a symbolic link, Deno looks for its modules beside the link.
const showsLink = CURRENT.name === "node";

describe("nanocat ends", () => {
  test("with 0 after its help, which is on stdout", async () => {
    const { code, stdout, stderr } = await runNanocat(["--help"]);
    assert.match(stdout.toString(), /^Usage:\n {4}nanocat \{--push\|/);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  test("with 1 and a line on stderr when the command line is wrong", async () => {
    const { code, stdout, stderr } = await runNanocat(["--pull", "--nonsense"]);
    assert.equal(stderr, "nanocat: Unknown option ``--nonsense''\n");
    assert.deepEqual({ code, stdout: stdout.toString() }, { code: 1, stdout: "" });
  });

  if (showsLink) {
    test(
      "with 1 where its own name, as nn_push, goes against its flags",
      async () => {
        const link = join(folder, "nn_push");
        symlinkSync(join(PROJECT, "cli", "nanocat.ts"), link);
        const { code, stderr } = await run(CURRENT.command, [...CURRENT.args, link, "--pull"]);
        assert.equal(
          stderr,
          "nn_push: Option --pull conflicts with the following options:\n    nn_push (executable) \n",
        );
        assert.equal(code, 1);
      },
    );
  }

  test("with 2 when its file cannot be read", async () => {
    const [missing, directory] = await Promise.all([
      runNanocat(["--push", "-L", "1", "--file", join(folder, "missing")]),
      runNanocat(["--push", "-L", "1", "--file", folder]),
    ]);
    assert.equal(
      missing.stderr,
      `Error opening file \`\`${join(folder, "missing")}'': No such file or directory\n`,
    );
    assert.equal(missing.code, 2);
    assert.equal(directory.stderr, `Error reading file \`\`${folder}'': Is a directory\n`);
    assert.equal(directory.code, 2);
  });

  test("with 3 when an address cannot be bound, or is none", async () => {
    const taken = path();
    await using _ = await startBound(["--pull", "-X", taken]);
    const [inUse, noPort, noAddress] = await Promise.all([
      runNanocat(["--pull", "-X", taken]),
      runNanocat(["--pull", "-L", "abc"]),
      runNanocat(["--pull", "--connect", "nowhere"]),
    ]);
    assert.match(inUse.stderr, /^Can't bind: Address already in use\n {4}Cannot bind to "ipc:/);
    assert.match(noPort.stderr, /^Can't bind: Invalid argument\n/);
    assert.match(noAddress.stderr, /^Can't connect: Invalid argument\n/);
    assert.deepEqual([inUse.code, noPort.code, noAddress.code], [3, 3, 3]);
  });

  test("with 3 when nobody takes the message within --send-timeout", async () => {
    const { code, stderr } = await runNanocat([
      ..."--push -D x --send-timeout 0.1 --connect-ipc".split(" "),
      path(),
    ]);
    assert.match(stderr, /^Can't send: Connection timed out\n/);
    assert.equal(code, 3);
  });

  test("with 3 when the peer leaves the message where it is", async () => {
    const file = path();
    let left: Socket | undefined;
    const server = createServer((socket) => {
      left = socket.on("error", () => {});
      socket.once("data", () => socket.pause());
      socket.write("\0SP\0\0\x51\0\0");
    });
    await new Promise<void>((resolve) => server.listen(file, resolve));
    try {
      const { code, stderr } = await runNanocat(
        ["--push", "-x", file, "-F", "-", "--send-timeout", "0.1"],
        { input: new Uint8Array(1_000_000) },
      );
      assert.match(stderr, /^Can't send: Connection timed out\n/);
      assert.equal(code, 3);
    } finally {
      left?.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("with 0 when no message came for --recv-timeout, which counts fractions", async () => {
    const types = [
      ..."--pull --sub --pair --bus --rep --respondent".split(" ").map((type) => [type]),
      ["--req", "-Dx"],
      ["--surveyor", "-Dx"],
      ["--bus", "-Dx"],
    ];
    for (let at = 0; at < types.length; at += 3) {
      const ends = await Promise.all(
        types.slice(at, at + 3).map((type) =>
          runNanocat([...type, "--recv-timeout", "0.1", "-X", path(), "-A"])
        ),
      );
      for (const { code, stdout, stderr } of ends) {
        assert.deepEqual([code, stdout.toString(), stderr], [0, "", ""]);
      }
    }
  });

  test("with 3 when it should have answered, and nobody asked for --recv-timeout", async () => {
    const args = ["-D", "x", "--recv-timeout", "0.1", "-X"];
    const [rep, respondent] = await Promise.all([
      runNanocat(["--rep", ...args, path()]),
      runNanocat(["--respondent", ...args, path()]),
    ]);
    for (const { code, stderr } of [rep, respondent]) {
      assert.match(stderr, /^Can't recv: Connection timed out\n/);
      assert.equal(code, 3);
    }
  });

  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    test(`with ${status} on ${signal}, after it has closed its socket`, async () => {
      const file = path();
      await using child = await startBound(["--pull", "--bind-ipc", file, "--ascii"]);
      await using push = new Push();
      push.connect(`ipc://${file}`);
      await push.send("before");
      await child.line(/^before$/);
      assert.ok(existsSync(file));
      child.kill(signal);
      assert.deepEqual(await child.exited, { code: status, signal: null });
      assert.ok(!existsSync(file));
    });
  }

  test("with 0 and without a word when the reader of its output has gone", async () => {
    const file = path();
    await using push = new Push({ linger: 0 });
    await push.bind(`ipc://${file}`);
    await using child = startNanocat(["--pull", "-x", file, "--raw"]);
    await push.send("first");
    await child.until(({ stdout }) => stdout.length > 0);
    child.closeStdout();
    const more = setInterval(() => push.send("more").catch(() => {}), 10);
    try {
      const { code, stderr } = await child.finished();
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    } finally {
      clearInterval(more);
    }
  });
});

describe("nanocat sends", () => {
  test("the whole of its standard input as one message, and loses none of it", async () => {
    const file = path();
    const input = Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251);
    await using pull = await startBound(["--pull", "-X", file, "--raw"]);
    const push = await runNanocat(["--push", "-x", file, "-F", "-"], { input });
    assert.deepEqual([push.code, push.stderr], [0, ""]);
    await pull.until(({ stdout }) => stdout.length >= input.length);
    assert.ok(pull.stdout.equals(input));
  });

  test("a file, and an empty one as an empty message", async () => {
    const file = path();
    await using pull = await startBound(["--pull", "-X", file, "--quoted"]);
    await runNanocat(["--push", "-x", file, "-F", "/dev/null"]);
    await runNanocat(["--push", "-x", file, "-F", join(PROJECT, "LICENSE")]);
    await pull.line(/^"MIT License/);
    assert.match(pull.stdout.toString(), /^""\n"MIT License/);
  });

  test("to a PULL that comes only later", async () => {
    const file = path();
    await using push = startNanocat(["--push", "-x", file, "-D", "patience", "--verbose"]);
    await push.line(/nobody listens there|no such file/);
    await using pull = await startBound(["--pull", "-X", file, "-A"]);
    await pull.line(/^patience$/);
    assert.equal((await push.finished()).code, 0);
  });

  test("again every --interval, from PUSH, PUB, PAIR and BUS", async () => {
    for (
      const [sender, receiver] of ["push pull", "pub sub", "pair pair", "bus bus"].map((both) =>
        both.split(" ")
      )
    ) {
      const file = path();
      await using hears = await startBound([`--${receiver}`, "-X", file, "-A"]);
      await using _ = startNanocat([`--${sender}`, "-x", file, "-D", "tick", "-i", ".02"]);
      await hears.until(({ stdout }) => stdout.toString().startsWith("tick\ntick\ntick\n"));
    }
  });

  test("after --delay, when it has met a SUB", async () => {
    const file = path();
    await using sub = await startBound(["--sub", "-X", file, "-A", "--subscribe", "a"]);
    const pub = await runNanocat(["--pub", "-x", file, "-D", "a topic", "-d", "1", "-v"]);
    assert.match(pub.stderr, /attached/);
    await sub.line(/^a topic$/);
  });
});

describe("nanocat prints", () => {
  test("every one of many messages, in order", async () => {
    const file = path();
    const lines = Array.from({ length: 50_000 }, (_, i) => String(i));
    await using pull = await startBound(["--pull", "-X", file, "--ascii"]);
    await using push = new Push();
    push.connect(`ipc://${file}`);
    for (const line of lines) await push.send(line);
    const expected = `${lines.join("\n")}\n`;
    await pull.until(({ stdout }) => stdout.length >= expected.length);
    assert.ok(pull.stdout.toString() === expected);
  });

  test("what its subscriptions begin with, and everything without one", async () => {
    const file = path();
    await using pub = new Pub();
    await pub.bind(`ipc://${file}`);
    await using some = startNanocat(["--sub", "-x", file, "-A", "--subscribe=a", "--subscribe=z"]);
    await using all = startNanocat(["--sub", "-x", file, "-A"]);
    await pub.peers(2);
    for (const topic of ["a1", "b2", "z3"]) await pub.send(topic);
    await some.line(/^z3$/);
    await all.line(/^z3$/);
    assert.equal(some.stdout.toString(), "a1\nz3\n");
    assert.equal(all.stdout.toString(), "a1\nb2\nz3\n");
  });

  test("requests and answers", async () => {
    const file = path();
    await using rep = await startBound(["--rep", "-X", file, "-D", "pong", "-A"]);
    const { code, stdout } = await runNanocat(["--req", "-x", file, "-D", "ping", "-Q"]);
    assert.deepEqual([code, stdout.toString()], [0, '"pong"\n']);
    assert.equal(rep.stdout.toString(), "ping\n");
  });

  test("requests without answering them where there is no data", async () => {
    const file = path();
    await using rep = await startBound(["--rep", "-X", file, "-A"]);
    const [first, second] = await Promise.all(
      ["one", "two"].map((data) =>
        runNanocat(["--req", "-x", file, "-D", data, "-A", "--recv-timeout=1"])
      ),
    );
    assert.deepEqual([first!.code, first!.stdout.length], [0, 0]);
    assert.deepEqual([second!.code, second!.stdout.length], [0, 0]);
    assert.deepEqual(rep.stdout.toString().trim().split("\n").sort(), ["one", "two"]);
  });

  test("the answer to each request that is repeated, and goes on after one that was missed", async () => {
    const file = path();
    let asked = 0;
    await using rep = new Rep();
    await rep.bind(`ipc://${file}`);
    const serving = rep.serve(() => ++asked === 2 ? undefined : `answer ${asked}`);
    await using req = startNanocat(["--req", "-x", file, "-D", "?", "-A", "-i", "0.1"]);
    await req.line(/^answer [^12]$/);
    assert.doesNotMatch(req.stdout.toString(), /answer 2/);
    req.kill();
    await req.exited;
    await rep.close();
    await serving;
  });

  test("the responses to a survey, and ends with it", async () => {
    const file = path();
    await using _ = await startBound(["--respondent", "-X", file, "-D", "here"]);
    await using surveyor = startNanocat(["--surveyor", "-x", file, "-D", "who?", "-A", "-d1"]);
    const { code, stdout } = await surveyor.finished();
    assert.deepEqual([code, stdout.toString()], [0, "here\n"]);
  });

  test("what its peer says, while it talks itself", async () => {
    for (const type of ["--pair", "--pair1"]) {
      const file = path();
      await using bound = await startBound([type, "-X", file, "-D", "left", "-A"]);
      await using other = startNanocat([type, "-x", file, "-D", "right", "-A"]);
      await Promise.all([bound.line(/^right$/), other.line(/^left$/)]);
    }
  });

  test("nothing but messages on stdout, and with --verbose what happens on stderr", async () => {
    const file = path();
    await using pull = await startBound(["--pull", "-X", file, "--raw", "--socket-name", "tap"]);
    await runNanocat(["--push", "-x", file, "-D", "message"]);
    await pull.line(/detached/);
    assert.equal(pull.stdout.toString(), "message");
    assert.match(pull.stderr, /^socket\.tap: bound to ipc:\S+\nsocket\.tap: push at .* attached\n/);
  });

  test("what happens, too, with NN_PRINT_ERRORS in the environment", async () => {
    const file = path();
    await using pull = startNanocat(["--pull", "-x", file], { env: { NN_PRINT_ERRORS: "1" } });
    await pull.line(/^socket\.0: Cannot connect to "ipc:/);
  });
});
