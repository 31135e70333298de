/** What is particular to nanomsg and nng over WebSocket; that they talk to us at all is in the matrix. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, Rep } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { NANOCAT, NNGCAT, type Peer } from "../helpers/peers.ts";
import { type Child, PATIENCE, start } from "../helpers/process.ts";
import { SOON, TRANSPORTS } from "./places.ts";

const ANYWHERE = "ws://127.0.0.1:0";
const WS = TRANSPORTS.find(({ name }) => name === "ws")!;
const LONG = ["--interval", "3600"];

function run({ command }: Peer, ...args: string[]): Child {
  return start(command, args);
}

function patience(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(PATIENCE) };
}

for (const [name, peer] of [["nanocat", NANOCAT], ["nngcat", NNGCAT]] as const) {
  const options = { skip: peer.skip };

  test(
    `${name} may ask for any path, and is shown with it; without one it is /`,
    options,
    async () => {
      await using pull = new Pull();
      const log = new EventLog(pull);
      const { address } = await pull.bind(ANYWHERE);
      for (const path of ["", "/", "/feed", "/feed?from=7"]) {
        await using _ = run(peer, "--push", "--connect", address + path, "--data", path, ...LONG);
        assert.equal(text(await pull.receive(patience())), path);
      }
      const paths = log.of("attached").map(({ peer }) => peer.path);
      assert.deepEqual(paths, ["/", "/", "/feed", "/feed?from=7"]);
    },
  );

  test(
    `${name} of another protocol is refused, and we are told which it wanted`,
    options,
    async () => {
      await using pull = new Pull();
      const log = new EventLog(pull);
      const { address } = await pull.bind(ANYWHERE);
      await using _ = run(peer, "--req", "--connect", `${address}/`, "--data", "x");
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "EPROTO");
      assert.match(reason.message, /is "rep\.sp\.nanomsg\.org", expected "pull\.sp\.nanomsg\.org"/);
      assert.deepEqual(log.of("attached"), []);
    },
  );

  test(`a dialer to a ${name} of another protocol says so`, options, async () => {
    await using place = await WS.open();
    await using _ = run(peer, "--rep", "--bind", place.address, "--data", "x");
    await using push = new Push({ ...SOON, linger: 0 });
    const log = new EventLog(push);
    push.connect(place.address);
    const { reason } = await log.next(
      "connect-failed",
      ({ reason }) => reason.code !== "ECONNREFUSED",
    );
    assert.equal(reason.code, "EPROTO", reason.message);
    assert.match(reason.message, /the server answered 400 /);
    assert.deepEqual(log.of("attached"), []);
  });

  test(`a ${name} that ends is no error, and the next one is served`, options, async () => {
    await using rep = new Rep();
    const log = new EventLog(rep);
    const { address } = await rep.bind(ANYWHERE);
    rep.serve((asked) => `re: ${text(asked)}`);
    for (const question of ["one", "two"]) {
      await using req = run(peer, "--req", "--connect", `${address}/`, "--data", question, "--raw");
      const { code, stdout, stderr } = await req.finished();
      assert.deepEqual([code, stdout.toString(), stderr], [0, `re: ${question}`, ""]);
    }
    await log.next("detached", () => log.of("detached").length === 2);
    assert.deepEqual(log.of("detached").map(({ reason }) => reason), [undefined, undefined]);
  });

  test(`a dialer finds a ${name} again that was started anew`, options, async () => {
    await using place = await WS.open();
    await using push = new Push(SOON);
    const log = new EventLog(push);
    push.connect(place.address);
    for (const [times, word] of ["one", "two"].entries()) {
      await using pull = run(peer, "--pull", "--bind", place.address, "--raw");
      await log.next("attached", () => log.of("attached").length > times);
      await push.send(word);
      await pull.until(({ stdout }) => stdout.toString() === word);
    }
  });
}
