/** Our nngcat as a program: what it prints, where, and how it ends. On the runtime that runs the tests. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Pair1, Pub, Pull, Push, Rep, Req } from "../../mod.ts";
import { OUR_NNGCAT } from "../helpers/nanocat.ts";
import { type Child, PATIENCE } from "../helpers/process.ts";

const { run, start } = OUR_NNGCAT;
const folder = mkdtempSync(join(tmpdir(), "nngcat-"));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
/** An address that nobody else uses. */
function address(): string {
  return `ipc://${join(folder, String(count++))}`;
}

/** Starts an nngcat that listens, and waits until it does. */
async function startListening(args: readonly string[]): Promise<Child> {
  const child = start(args, { env: { NN_PRINT_ERRORS: "1" } });
  await child.line(/: bound to /);
  return child;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("nngcat ends", () => {
  test("with 1 after its help, which is on stdout", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    assert.match(stdout.toString(), /^Usage: nngcat <proto> <addr>/);
    assert.deepEqual([code, stderr], [1, ""]);
  });

  test("with 1 and a line on stderr when its command line is wrong, or a file is missing", async () => {
    const missing = join(folder, "missing");
    const lines: [string, string][] = [
      ["--re --dial=tcp://127.0.0.1:1", "Option --re is ambiguous (specify in full).\n"],
      ["--dial=tcp://127.0.0.1:1", "No protocol specified.\n"],
      ["--pub0 --sub0 --dial=tcp://127.0.0.1:1", "Only one protocol may be specified.\n"],
      [
        `--async --file=${missing} --push0 -x nowhere`,
        `Cannot open file ${missing}: No such file or directory\n`,
      ],
    ];
    for (const [line, expected] of lines) {
      const { code, stdout, stderr } = await run(line.split(" "));
      assert.deepEqual([code, stdout.length, stderr], [1, 0, expected], line);
    }
  });

  test("with 1 at once where nobody listens, unless it is --async or --compat", async () => {
    const to = address();
    const dial = ["--push0", "--dial", to, "--data", "x"];
    const { code, stderr } = await run(dial);
    assert.deepEqual([code, stderr], [1, `Unable to dial on ${to}: Connection refused\n`]);
    for (const patience of ["--async", "--compat"]) {
      await using push = start([...dial, patience], { env: { NN_PRINT_ERRORS: "1" } });
      await push.line(/next try/);
      await using pull = new Pull();
      await pull.bind(to);
      assert.equal(text(await pull.receive({ timeout: PATIENCE })), "x");
      assert.equal((await push.finished()).code, 0);
    }
  });

  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    test(`with ${status} on ${signal}, after it has printed what came and closed its socket`, async () => {
      const to = address();
      await using child = await startListening(["--pull", "--listen", to, "--quoted"]);
      await using push = new Push();
      push.connect(to);
      await push.send("before");
      await child.line(/^"before"$/);
      child.kill(signal);
      assert.deepEqual(await child.exited, { code: status, signal: null });
      assert.ok(!existsSync(to.slice("ipc://".length)));
    });
  }

  test("with 143 on SIGTERM while it dials somebody who says nothing", async () => {
    const [to, path] = [address(), join(folder, String(count - 1))];
    const server = createServer((socket) => socket.on("error", () => {}).resume());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const greeted = new Promise((resolve) => server.once("connection", resolve));
    await using child = start(["--pull0", "--dial", to]);
    await greeted;
    child.kill("SIGTERM");
    assert.equal((await child.exited).code, 143);
    await new Promise((resolve) => server.close(resolve));
  });

  test("with 0 and without a word when the reader of its output has gone", async () => {
    const to = address();
    await using push = new Push({ linger: 0 });
    await push.bind(to);
    await using child = start(["--pull0", "--dial", to, "--raw"]);
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

describe("nngcat counts", () => {
  test("what it receives, and prints no more", async () => {
    const to = address();
    await using push = new Push();
    await push.bind(to);
    for (const receiver of ["--pull0", "--pull"]) {
      await using pull = start([receiver, "--dial", to, "--quoted", "--count=3"]);
      await push.peers(1, { timeout: PATIENCE });
      for (const message of ["1", "2", "3", "4"]) await push.send(message);
      const { code, stdout, stderr } = await pull.finished();
      assert.deepEqual([code, stdout.toString(), stderr], [0, '"1"\n"2"\n"3"\n', ""]);
    }
  });

  test("what it sends, with an interval and without", async () => {
    const to = address();
    await using pull = new Pull();
    await pull.bind(to);
    for (const pace of [[], ["--interval=0"], ["-i1"]]) {
      const push = await run(["--push0", "--dial", to, "-D", "tick", "--count", "2", ...pace]);
      assert.equal(push.code, 0);
      for (let n = 0; n < 2; n++) {
        assert.equal(text(await pull.receive({ timeout: PATIENCE })), "tick");
      }
    }
    await assert.rejects(pull.receive({ timeout: 50 }), { code: "ETIMEDOUT" });
  });

  test("the requests that it answers, and those that it only prints", async () => {
    const to = address();
    await using rep = await startListening(["--rep0", "--listen", to, "-D", "yes", "-C2", "-Q"]);
    await using req = new Req();
    req.connect(to);
    for (const question of ["a", "b"]) {
      assert.equal(text(await req.request(question, { timeout: PATIENCE })), "yes");
    }
    const answered = await rep.finished();
    assert.deepEqual([answered.code, answered.stdout.toString()], [0, '"a"\n"b"\n']);

    const silently = address();
    await using silent = await startListening(["--rep0", "--listen", silently, "-C1", "-Q"]);
    await using other = new Req();
    other.connect(silently);
    const unanswered = other.request("c", { timeout: PATIENCE }).catch(() => {});
    const ended = await silent.finished();
    assert.deepEqual([ended.code, ended.stdout.toString()], [0, '"c"\n']);
    await other.close();
    await unanswered;
  });

  test("the requests that it sends, each answered before the next", async () => {
    const to = address();
    await using rep = new Rep();
    await rep.bind(to);
    let asked = 0;
    const serving = rep.serve(() => `answer ${++asked}`);
    const { code, stdout } = await run(["--req", "--dial", to, "-D?", "--count:3", "-A"]);
    assert.deepEqual([code, stdout.toString()], [0, "answer 1answer 2answer 3"]);
    await rep.close();
    await serving;
  });

  test("what PAIR says, and prints what it hears until it is time for the next", async () => {
    const to = address();
    await using pair = new Pair1();
    await pair.bind(to);
    await using child = start(
      "--pair -D left -Q --count 2 --interval 1 --dial".split(" ").concat(to),
    );
    for (let n = 1; n <= 2; n++) {
      assert.equal(text(await pair.receive({ timeout: PATIENCE })), "left");
      await pair.send(`right ${n}`);
      await pair.send(`and ${n}`);
    }
    const { code, stdout, stderr } = await child.finished();
    const heard = '"right 1"\n"and 1"\n"right 2"\n"and 2"\n';
    assert.deepEqual([code, stdout.toString(), stderr], [0, heard, ""]);
  });

  test("goes on where messages never stop, although an interval is over", async () => {
    const to = address();
    await using pair = new Pair1();
    await pair.bind(to);
    await using child = start(["--pair1", "-D", "tick", "-Q", "-C2", "-i1", "--dial", to]);
    let isOver = false;
    const flood = (async () => {
      while (!isOver) await pair.send("flood").catch(() => isOver = true);
    })();
    for (let n = 0; n < 2; n++) await pair.receive({ timeout: PATIENCE });
    const { code, stderr } = await child.finished();
    isOver = true;
    await pair.close({ linger: 0 });
    await flood;
    assert.deepEqual([code, stderr], [0, ""]);
  });
});

describe("nngcat, as nng's own tests want it,", () => {
  test("receives what its subscriptions begin with, of publishers that come and go", async () => {
    const to = address();
    const args = "--count=3 --recv-timeout=20 --sub0 --subscribe=one --subscribe=two --quoted";
    await using sub = await startListening(["--listen", to, ...args.split(" ")]);
    const publish = async (...data: string[]) => {
      const { code, stderr } = await run(["-d", "1", "--connect", to, "--pub0", ...data]);
      assert.deepEqual([code, stderr], [0, ""]);
    };
    const ignored = Promise.all([publish("--data", "xyz"), publish("-D", "none swam")]);
    await publish("-D", "one flew");
    await publish("--data", "twofer test");
    await publish("--data", "one more");
    await ignored;
    const { code, stdout } = await sub.finished();
    assert.equal(stdout.toString(), '"one flew"\n"twofer test"\n"one more"\n');
    assert.equal(code, 0);
  });

  test("takes no message beyond --recv-maxsz, and goes on with the next sender", async () => {
    const to = address();
    await using pull = await startListening(
      ["--listen", to, "--count=3", "--recv-maxsz=5", "--pull0", "--quoted"],
    );
    for (const data of ["one", "55555", "666666", "7777777", "88888"]) {
      const { code, stderr } = await run(["--connect", to, "--push0", "--data", data]);
      assert.deepEqual([code, stderr], [0, ""], data);
    }
    assert.equal((await pull.finished()).stdout.toString(), '"one"\n"55555"\n"88888"\n');
  });

  test("takes four megabytes with --recv-maxsz=0, and without it", async () => {
    const message = Buffer.alloc(4 << 20, Uint8Array.from({ length: 251 }, (_, byte) => byte));
    const file = join(folder, "large");
    writeFileSync(file, message);
    for (const size of [["--recv-maxsz=0"], []]) {
      const to = address();
      await using pull = await startListening(
        ["--listen", to, "--count=1", ...size, "--pull0", "--raw"],
      );
      const push = await run(["--connect", to, "--delay=1", "--push0", "--file", file]);
      assert.deepEqual([push.code, push.stderr], [0, ""]);
      assert.ok((await pull.finished()).stdout.equals(message));
    }
  });

  test("sends its standard input as one message", async () => {
    const to = address();
    await using pull = await startListening(
      ["--listen", to, "--count=1", "--recv-timeout=20", "--recv-maxsz=0", "--pull0", "--raw"],
    );
    const push = await run(["--connect", to, "--delay=1", "--push0", "--file", "-"], {
      input: "hello world\n",
    });
    assert.deepEqual([push.code, push.stderr], [0, ""]);
    assert.equal((await pull.finished()).stdout.toString(), "hello world\n");
  });

  test("asks with --async, who comes only later", async () => {
    const to = address();
    await using req = start(["--async", "-d", "1", "--connect", to, "--req0", "-D", "ping"], {
      env: { NN_PRINT_ERRORS: "1" },
    });
    await req.line(/next try/);
    const rep = await run(["--rep0", "--recv-timeout=3", "--listen", to, "-D", "pong", "--ascii"]);
    assert.equal(rep.stdout.toString(), "ping");
    assert.deepEqual([rep.code, rep.stderr], [1, "Receive error: Timed out\n"]);
    assert.equal((await req.finished()).code, 0);
  });
});

test("nngcat says with --verbose what is in use, on stdout, and where a port was given out", async () => {
  const args = ["--pull0", "--recv-timeout", "1", "-v", "--listen"];
  const [tcp, every, ws] = await Promise.all(
    ["TCP://127.0.0.1:0", "tcp://:0", "ws://127.0.0.1:0/x"].map((to) => run([...args, to])),
  );
  assert.match(tcp!.stdout.toString(), /^Listening at: tcp:\/\/127\.0\.0\.1:[1-9]\d+\n$/);
  assert.match(every!.stdout.toString(), /^Listening at: tcp:\/\/:[1-9]\d+\n$/);
  assert.match(ws!.stdout.toString(), /^Listening at: ws:\/\/127\.0\.0\.1:[1-9]\d+\/x\n$/);
});

test("nngcat hears everything without a subscription", async () => {
  const to = address();
  await using pub = new Pub();
  await pub.bind(to);
  await using sub = start(["--sub", "--dial", to, "-Q", "-C2"]);
  await pub.peers(1, { timeout: PATIENCE });
  for (const message of ["", "a\tb"]) await pub.send(message);
  assert.equal((await sub.finished()).stdout.toString(), '""\n"a\\tb"\n');
});
