/** `req`, `rep`, `surveyor` and `respondent`: questions, answers, and commands that answer. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, test } from "node:test";
import { Respondent } from "../../../mod.ts";
import { Folder, runNanostreams, startBound, startNanostreams } from "../../helpers/nanostreams.ts";
import { PATIENCE } from "../../helpers/process.ts";

const folder = new Folder();
after(() => folder.remove());

const PATIENT = `${PATIENCE}ms`;

/** What requests by `req` get from `rep`, as lines, and how the two ended. */
async function asked(
  rep: readonly string[],
  questions: readonly string[],
  req: readonly string[] = [],
  count: number = questions.length,
): Promise<{ replies: string; req: number; rep: number; told: string; seen: string }> {
  const address = folder.address();
  const [answerer, asker] = await Promise.all([
    runNanostreams(["rep", address, "--count", String(count), ...rep]),
    runNanostreams(["req", address, ...req], {
      input: questions.map((question) => `${question}\n`).join(""),
    }),
  ]);
  return {
    replies: asker.stdout.toString(),
    req: asker.code!,
    rep: answerer.code!,
    told: answerer.stderr,
    seen: answerer.stdout.toString(),
  };
}

test("req prints each reply, rep each request; answers are --data, in turn, --echo or lines", async () => {
  const [data, echo, file] = await Promise.all([
    asked(["--data", "a{{n}}", "--data", "b{{n}}"], ["1", "2", "3"]),
    asked(["--echo"], ["x", "y"]),
    asked(["--file", new URL("../../../LICENSE", import.meta.url).pathname], ["license?"]),
  ]);
  assert.deepEqual([data.replies, data.seen, data.req, data.rep], [
    "a1\nb2\na3\n",
    "1\n2\n3\n",
    0,
    0,
  ]);
  assert.equal(echo.replies, "x\ny\n");
  assert.match(file.replies, /^MIT License/);
  const address = folder.address();
  const [rep, req] = await Promise.all([
    runNanostreams(["rep", address, "--count", "2"], { input: "first\nsecond\n" }),
    runNanostreams(["req", address], { input: "1\n2\n" }),
  ]);
  assert.deepEqual([req.stdout.toString(), rep.code], ["first\nsecond\n", 0]);
});

test("--exec runs a command a request: it reads the request, and its output is the reply", async () => {
  const { replies, rep } = await asked(["--exec", "tr a-z A-Z; echo $NANOSTREAMS_PEER"], [
    "one",
    "two",
  ]);
  assert.match(replies, /^ONE.*ipc:.*\nTWO.*ipc:.*\n$/);
  assert.equal(rep, 0);
});

test("a command that fails, or takes longer than --exec-timeout, is told, and there is no reply", async () => {
  const marker = folder.file();
  const [failing, slow] = await Promise.all([
    asked(["--exec", "exit 3"], ["x"], ["--timeout", "3s"]),
    asked(["--exec", `sleep 60; touch ${marker}`, "--exec-timeout", "100ms"], ["x"], [
      "--timeout",
      "3s",
    ]),
  ]);
  assert.deepEqual([failing.replies, failing.req, failing.rep], ["", 4, 1]);
  assert.equal(failing.told, 'nanostreams: no answer: "exit 3" ended with exit status 3\n');
  assert.deepEqual([slow.replies, slow.req, slow.rep], ["", 4, 1]);
  assert.match(slow.told, /no answer: "sleep 60; touch .*" took longer than 100 ms\n$/);
  assert.ok(!existsSync(marker));
});

test("--concurrency limits how many commands run at once", async () => {
  const lock = folder.file();
  const command = `mkdir ${lock} && sleep 0.1 && rmdir ${lock} && cat`;
  const { replies } = await asked(
    ["--exec", command, "--concurrency", "1"],
    ["a", "b", "c"],
    ["--concurrency", "3"],
  );
  assert.equal(replies, "a\nb\nc\n");
});

test("--exec-lines has one process answer all, a line each, and starts another when it has ended", async () => {
  const address = folder.address();
  const command = `while read -r line; do test "$line" = quit && exit 5; echo "$$ $line"; done`;
  const [rep, req] = await Promise.all([
    runNanostreams(["rep", address, "--count", "4", "--exec-lines", command]),
    runNanostreams(["req", address, "--timeout", "3s"], { input: "a\nb\nquit\nc\n" }),
  ]);
  const [first, second, third] = req.stdout.toString().trimEnd().split("\n").map((line) =>
    line.split(" ")
  );
  assert.deepEqual([first![1], second![1], third![1]], ["a", "b", "c"]);
  assert.equal(first![0], second![0]);
  assert.notEqual(second![0], third![0]);
  assert.match(rep.stderr, /no answer: ".*" ended with exit status 5\n$/);
  assert.deepEqual([req.code, rep.code], [4, 1]);
});

test("--exec-lines takes no question of several lines, and ends a process that is silent", async () => {
  const address = folder.address();
  const args = ["--count", "2", "--exec-lines", "sleep 60", "--exec-timeout", "100ms"];
  const [rep, req] = await Promise.all([
    runNanostreams(["rep", address, ...args]),
    runNanostreams(["req", address, "--ndjson", "--timeout", "2s"], { input: '"a\\nb"\n"c"\n' }),
  ]);
  assert.match(rep.stderr, /several lines.*\n.*took longer than 100 ms\n/);
  assert.deepEqual([req.code, rep.code], [4, 1]);
});

test("req ends with 4 when a request is not answered in time, and goes on with the next", async () => {
  const address = folder.address();
  await using rep = await startBound(["rep", address, "--exec", "read x; test $x = a && echo yes"]);
  const req = await runNanostreams(["req", address, "--timeout", "2s"], { input: "b\na\n" });
  assert.deepEqual([req.stdout.toString(), req.code], ["yes\n", 4]);
  assert.match(req.stderr, /^nanostreams: no reply: cannot get a reply: 2000 ms have passed\n$/);
  assert.match(rep.stderr, /no answer/);
});

test("req: --concurrency has several in flight, whose replies are printed in order; --attempts", async () => {
  const [several, attempts] = await Promise.all([
    asked(
      ["--exec", "read x; sleep $x; echo $x", "--concurrency", "3"],
      ["0.5", "0.1", "0"],
      ["--concurrency", "3"],
    ),
    (async () => {
      const address = folder.address();
      await using _ = await startBound(["rep", address, "--exec", "exit 1"]);
      return await runNanostreams(
        ["req", address, "--data", "x", "--attempts", "2", "--resend", "200ms"],
      );
    })(),
  ]);
  assert.equal(several.replies, "0.5\n0.1\n0\n");
  assert.equal(attempts.code, 4);
  assert.match(attempts.stderr, /no reply: .*2 /);
});

test("surveyor waits for --wait-peers, and prints each answer with its time and peer", async () => {
  const address = folder.address();
  const ends = await Promise.all([
    runNanostreams([
      "surveyor",
      address,
      "--data",
      "who?",
      "--wait-peers",
      "2",
      "--expect",
      "2",
      "--deadline",
      PATIENT,
    ]),
    runNanostreams(["respondent", address, "--data", "me", "--count", "1"]),
    runNanostreams(["respondent", address, "--exec", "echo me too", "--count", "1"]),
  ]);
  const [surveyor, first, second] = ends;
  assert.deepEqual(ends.map(({ code }) => code), [0, 0, 0]);
  assert.match(surveyor.stdout.toString(), /^(\d{4}-\S+Z ipc:\S+ (me|me too)\n){2}$/);
  assert.deepEqual([first.stdout.toString(), second.stdout.toString()], ["who?\n", "who?\n"]);
});

test("surveyor ends with 4 when fewer answer than --expect, nobody does, or nobody comes", async () => {
  await using respondent = new Respondent();
  const address = folder.address();
  respondent.connect(address);
  respondent.serve((survey) => survey[0] === 0x61 ? "yes" : undefined);
  const run = (...args: string[]) => runNanostreams(["surveyor", address, ...args]);
  const short = await run("--data", "a", "--expect", "2", "--deadline", "300ms", "--json");
  const none = await run("--data", "b", "--deadline", "300ms");
  const two = await run(
    "--data",
    "a",
    "--count",
    "2",
    "--deadline",
    "300ms",
    "--template",
    "{{n}} {{data}}",
  );
  const alone = await runNanostreams([
    "surveyor",
    folder.address(),
    "--data",
    "a",
    "--timeout",
    "200ms",
  ]);
  assert.deepEqual([short.code, none.code, two.code, alone.code], [4, 4, 0, 4]);
  const { data, peer } = JSON.parse(short.stdout.toString()) as { data: string; peer: string };
  assert.deepEqual([data, peer.slice(0, 4)], ["yes", "ipc:"]);
  assert.equal(two.stdout.toString(), "1 yes\n2 yes\n");
  assert.equal(alone.stderr, "nanostreams: fewer than 1 peers were there within 200 ms\n");
});

test("rep and respondent end with 4 when fewer ask than --count within --timeout", async () => {
  const ends = await Promise.all([
    runNanostreams(["rep", folder.address(), "--echo", "--timeout", "100ms"]),
    runNanostreams([
      "respondent",
      folder.address(),
      "--echo",
      "--timeout",
      "100ms",
      "--count",
      "1",
    ]),
  ]);
  assert.deepEqual(ends.map(({ code }) => code), [4, 4]);
});

test("--hex is both in two-way commands; --ttl is the most steps", async () => {
  const { replies, seen } = await asked(["--echo", "--hex", "--ttl", "2"], ["00 ff"], ["--hex"]);
  assert.deepEqual([replies, seen], ["00ff\n", "00ff\n"]);
  const { code } = await runNanostreams(["rep", folder.address(), "--echo", "--ttl", "0"]);
  assert.equal(code, 2);
});

test("SIGINT lets a command that is at work finish, and its reply is sent", async () => {
  const address = folder.address();
  await using rep = await startBound(["rep", address, "--exec", "read x; sleep 0.5; echo done"]);
  await using req = startNanostreams(["req", address, "--data", "x"]);
  await rep.until(({ stdout }) => stdout.toString() === "x\n");
  rep.kill("SIGINT");
  const [asker, answerer] = await Promise.all([req.finished(), rep.finished()]);
  assert.deepEqual([asker.stdout.toString(), asker.code, answerer.code], ["done\n", 0, 130]);
});
