import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, Rep, Req } from "../../mod.ts";
import { text } from "../helpers/bytes.ts";
import { runNanocat, startNanocat } from "../helpers/nanocat.ts";

test("nanocat device passes requests on between two sockets, and says how many", async () => {
  await using rep = new Rep();
  const back = await rep.bind("tcp://127.0.0.1:0");
  rep.serve((question) => `re: ${text(question)}`);
  await using front = new Req();
  const { address } = await front.bind("tcp://127.0.0.1:0");
  const args = ["device", "--reqrep", "-v", "--connect", address, "--connect", back.address];
  await using child = startNanocat(args);
  await front.peers(1);
  assert.equal(text(await front.request("hello")), "re: hello");
  child.kill("SIGTERM");
  const { code, stderr } = await child.finished();
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "forward 1, backward 1 messages\n" });
});

test("nanocat device passes a pipeline on", async () => {
  await using push = new Push();
  await using pull = new Pull();
  const { address } = await push.bind("tcp://127.0.0.1:0");
  const to = await pull.bind("tcp://127.0.0.1:0");
  const args = ["device", "--pipeline", "--connect", address, "--connect", to.address];
  await using child = startNanocat(args);
  await push.send("through");
  assert.equal(text(await pull.receive()), "through");
  child.kill("SIGTERM");
  assert.equal((await child.finished()).code, 0);
});

test("nanocat device says what is wrong with its command line", async () => {
  const { code, stderr } = await runNanocat(["device", "tcp://127.0.0.1:1", "tcp://127.0.0.1:2"]);
  assert.equal(code, 1);
  assert.match(stderr, /exactly one family/);
});
