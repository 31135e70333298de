import assert from "node:assert/strict";
import { test } from "node:test";
import { Pair, Rep, Req } from "../../mod.ts";
import { text } from "../helpers/bytes.ts";
import { runNanocat, startNanocat } from "../helpers/nanocat.ts";

test("nanocat device says what it has passed on, and ends well when it is told to", async () => {
  await using rep = new Rep();
  const back = await rep.bind("tcp://127.0.0.1:0");
  rep.serve((question) => `re: ${text(question)}`);
  await using req = new Req();
  const { address } = await req.bind("tcp://127.0.0.1:0");
  const args = ["device", "--reqrep", "-v", "--connect", address, "--connect", back.address];
  await using child = startNanocat(args);
  assert.equal(text(await req.request("hello")), "re: hello");
  child.kill("SIGTERM");
  const { code, stderr } = await child.finished();
  assert.equal(code, 0);
  assert.match(stderr, /^forward: 1 messages, 5 bytes, 0 dropped$/m);
  assert.match(stderr, /^backward: 1 messages, 9 bytes, 0 dropped$/m);
});

test("nanocat device with one address sends back what comes", async () => {
  await using pair = new Pair();
  const { address } = await pair.bind("tcp://127.0.0.1:0");
  await using child = startNanocat(["device", "--pair", "--connect", address]);
  await pair.send("there and back");
  assert.equal(text(await pair.receive()), "there and back");
  child.kill("SIGINT");
  assert.equal((await child.finished()).code, 0);
});

test("nanocat device drops what has come too many steps", async () => {
  await using rep = new Rep();
  const back = await rep.bind("tcp://127.0.0.1:0");
  rep.serve((question) => question);
  await using child = startNanocat([
    ...["device", "--reqrep", "--verbose", "--ttl", "1"],
    ...["tcp://127.0.0.1:0", "--connect", back.address],
  ]);
  const bound = await child.line(/^socket\.front: bound to /);
  await using front = new Req();
  front.connect(bound.replace(/.* /, ""));
  await using beyond = startNanocat([
    ...[
      "device",
      "--reqrep",
      "--verbose",
      "tcp://127.0.0.1:0",
      "--connect",
      bound.replace(/.* /, ""),
    ],
  ]);
  const far = (await beyond.line(/^socket\.front: bound to /)).replace(/.* /, "");
  await using req = new Req({ resendInterval: false });
  req.connect(far);
  const stop = new AbortController();
  const lost = assert.rejects(req.request("too far", { signal: stop.signal }));
  assert.equal(text(await front.request("near")), "near");
  await child.line(/socket\.front: .*dropped/);
  stop.abort();
  await lost;
});

const WRONG: readonly [args: string[], says: RegExp][] = [
  [
    ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"],
    /At least one of the following required:\n {4}--pair\n/,
  ],
  [["--pair", "--bus", "tcp://127.0.0.1:1"], /Option --pair conflicts with --bus/],
  [["--reqrep", "tcp://127.0.0.1:1"], /Option --reqrep requires two addresses, and there are 1/],
  [["--bus"], /Option --bus requires one address or two, and there are 0/],
  [["--bus", "--ttl", "256", "tcp://127.0.0.1:1"], /--ttl requires a whole number from 1 to 255/],
  [["--bus", "--bind"], /Option --bind requires an argument/],
  [["--bus=1", "tcp://127.0.0.1:1"], /Option --bus does not accept argument/],
  [["--what"], /Unknown option ``--what''/],
];

test("nanocat device says what is wrong with its command line", async () => {
  await Promise.all(WRONG.map(async ([args, says]) => {
    const { code, stderr } = await runNanocat(["device", ...args]);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, says);
  }));
});

test("nanocat device says which address it cannot use", async () => {
  await using rep = new Rep();
  const { address } = await rep.bind("tcp://127.0.0.1:0");
  const { code, stderr } = await runNanocat(["device", "--bus", address]);
  assert.equal(code, 3);
  assert.match(stderr, new RegExp(`${address}.*EADDRINUSE`));
});

test("nanocat device --help names all families", async () => {
  const { code, stdout } = await runNanocat(["device", "--help"]);
  assert.equal(code, 0);
  const named = stdout.toString().match(/--(pair1?|pipeline|pubsub|reqrep|survey|bus)\b/g);
  assert.equal(new Set(named).size, 7);
});
