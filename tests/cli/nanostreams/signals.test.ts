/** SIGINT and SIGTERM: the first one drains, the second one ends at once. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pair, Pull, Push } from "../../../mod.ts";
import { text } from "../../helpers/bytes.ts";
import { Folder, startBound, startNanostreams } from "../../helpers/nanostreams.ts";

const folder = new Folder();
after(() => folder.remove());

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`${signal} has a receiver print what has come, and end with ${status}`, async () => {
    const address = folder.address();
    await using pull = await startBound(["pull", address]);
    await using push = new Push();
    push.connect(address);
    const count = 20_000;
    for (let n = 0; n < count; n++) await push.send(`${n}`);
    await pull.until(({ stdout }) => stdout.length > 0);
    pull.kill(signal);
    const { code, stdout } = await pull.finished();
    assert.equal(code, status);
    const printed = stdout.toString().trimEnd().split("\n");
    // What was still on its way is the sender's, and not lost: none is left out in between.
    assert.deepEqual(printed, printed.map((_, n) => String(n)));
  });

  test(`${signal} has a sender send what it has read, and end with ${status}`, async () => {
    const address = folder.address();
    await using push = startNanostreams(["push", address], {
      holdsInput: true,
      input: "one\ntwo\nhal",
    });
    await using pull = new Pull();
    await pull.bind(address);
    assert.equal(text(await pull.receive()), "one");
    push.kill(signal);
    assert.equal(text(await pull.receive()), "two");
    const { code, stderr } = await push.finished();
    assert.equal(code, status);
    assert.match(stderr, /^nanostreams: 3 bytes were read of a message that is not complete/);
  });
}

test("a sender that nobody takes messages from waits for a peer after the first signal", async () => {
  const address = folder.address();
  await using push = await startBound(["push", "--bind", address, "--interval", "1h"], {
    holdsInput: true,
    input: "one\ntwo\n",
  });
  const first = new Pull();
  first.connect(address);
  assert.equal(text(await first.receive()), "one");
  await first.close();
  push.kill("SIGTERM");
  await using pull = new Pull();
  pull.connect(address);
  assert.equal(text(await pull.receive()), "two");
  assert.equal((await push.finished()).code, 143);
});

test("a sender that has no peer ends some seconds after the signal, and says so", async () => {
  const address = folder.address();
  await using push = await startBound(["push", "--bind", address, "--interval", "1h"], {
    holdsInput: true,
    input: "one\ntwo\n",
  });
  const first = new Pull();
  first.connect(address);
  assert.equal(text(await first.receive()), "one");
  await first.close();
  push.kill("SIGTERM");
  const { code, stderr } = await push.finished();
  assert.equal(code, 143);
  assert.match(stderr, /^nanostreams: what was read is not sent: there is no peer\n/m);
});

test("the second signal ends it at once", async () => {
  const input = { holdsInput: true, input: "one\ntwo\n" };
  await using push = await startBound(["push", "--bind", folder.address()], input);
  push.kill("SIGTERM");
  push.kill("SIGINT");
  const { code } = await push.finished();
  assert.ok(code === 130 || code === 143, `exit status ${code}`);
});

test("a signal has an interval end at once, and what was read is sent without it", async () => {
  const address = folder.address();
  await using push = startNanostreams(["push", address, "--interval", "1h"], {
    holdsInput: true,
    input: "one\ntwo\n",
  });
  await using pull = new Pull();
  await pull.bind(address);
  assert.equal(text(await pull.receive()), "one");
  push.kill("SIGINT");
  assert.equal(text(await pull.receive()), "two");
  assert.equal((await push.finished()).code, 130);
});

test("a conversation sends what it has read and prints what has come", async () => {
  const address = folder.address();
  await using cli = await startBound(["pair", "--bind", address], {
    holdsInput: true,
    input: "a\n",
  });
  await using pair = new Pair();
  pair.connect(address);
  assert.equal(text(await pair.receive()), "a");
  await pair.send("b");
  await cli.until(({ stdout }) => stdout.toString() === "b\n");
  cli.kill("SIGTERM");
  const { code } = await cli.finished();
  assert.equal(code, 143);

  // The same when standard input has ended before.
  await using mute = await startBound(["pair", "--bind", folder.address()]);
  mute.kill("SIGTERM");
  assert.equal((await mute.finished()).code, 143);
});

test("--exec's commands do not outlive a second signal", async () => {
  const address = folder.address();
  const command = "read x; echo started >&2; sleep 60";
  await using rep = await startBound(["rep", address, "--exec", command]);
  await using _req = startNanostreams(["req", address, "--data", "x"]);
  await rep.line(/^started$/);
  rep.kill("SIGINT");
  rep.kill("SIGTERM");
  // Its output would be held open by a command that goes on.
  const { code } = await rep.finished();
  assert.ok(code === 130 || code === 143, `exit status ${code}`);
});
