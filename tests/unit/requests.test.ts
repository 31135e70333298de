/** The requester's state machine, with mock pipes: to whom requests go, and when again. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SPError } from "../../src/base/errors.ts";
import { Asked, Machine, reply, written } from "../helpers/request_machine.ts";

describe("a request", () => {
  test("goes to the peers in turn, behind its id, and answers find it in any order", () => {
    const machine = new Machine();
    const [a, b] = [machine.pipe(), machine.pipe()];
    const [x, y, z] = ["x", "y", "z"].map((body) => machine.ask(body));
    assert.deepEqual(written(a), ["1 x", "3 z"]);
    assert.deepEqual(written(b), ["2 y"]);
    reply(a, z!, "Z");
    reply(b, y!, "Y");
    reply(a, x!, "");
    assert.deepEqual([x, y, z].map((asked) => asked!.answers), [[""], ["Y"], ["Z"]]);
  });

  test("without a peer is held, and goes in order when there is one", () => {
    const machine = new Machine();
    machine.ask("x");
    machine.ask("y");
    const a = machine.pipe();
    machine.ask("z");
    assert.deepEqual(written(a), ["1 x", "2 y", "3 z"]);
  });

  test("is held while every peer is full", () => {
    const machine = new Machine();
    const a = machine.pipe({ framing: "tcp", sendBuffer: 1 });
    a.connection.stuck = true;
    machine.ask("x");
    machine.ask("y");
    assert.deepEqual(written(a), ["1 x"]);
    a.connection.release();
    assert.deepEqual(written(a), ["1 x", "2 y"]);
  });

  test("of a lost peer goes to another at once, sent already or not, and is answered there", () => {
    const machine = new Machine();
    const a = machine.pipe();
    const x = machine.ask("x");
    assert.deepEqual(written(a), ["1 x"]);
    machine.ask("y");
    const b = machine.pipe();
    a.connection.break();
    assert.deepEqual(written(b), ["1 x", "2 y"]);
    assert.deepEqual(written(a), ["1 x"]);
    assert.deepEqual(a.pipe.drops, {});
    reply(b, x, "X");
    assert.deepEqual(x.answers, ["X"]);
  });

  test("of a lost peer goes to another behind those that began before it, whatever their ids", () => {
    const machine = new Machine();
    const a = machine.pipe();
    const ids = [0x7fff_fffe, 0x7fff_ffff, 0, 1];
    for (const id of ids) machine.requests.start(new Asked("x", id));
    const b = machine.pipe();
    a.connection.break();
    assert.deepEqual(written(b), ids.map((id) => `${id} x`));
  });

  test("of the only peer, which is lost, is held for the next", () => {
    const machine = new Machine();
    const a = machine.pipe();
    machine.ask("x");
    a.connection.break();
    const b = machine.pipe();
    assert.deepEqual(written(b), ["1 x"]);
  });

  test("that was answered is not sent again when its peer is lost", () => {
    const machine = new Machine();
    const [a, b] = [machine.pipe(), machine.pipe()];
    const x = machine.ask("x");
    reply(a, x, "X");
    a.connection.break();
    assert.deepEqual(written(b), []);
  });

  test("is sent again when its interval has passed, to whoever's turn it is, until it is answered", async () => {
    const machine = new Machine({ resendInterval: 2 });
    const [a, b] = [machine.pipe(), machine.pipe()];
    const x = machine.ask("x");
    await b.connection.until(({ writes }) => writes.length > 0);
    assert.equal(written(a)[0], "1 x");
    assert.equal(written(b)[0], "1 x");
    // The slower of the two may still answer.
    reply(a, x, "X");
    const sent = written(a).length + written(b).length;
    reply(b, x, "late");
    assert.deepEqual(x.answers, ["X"]);
    assert.deepEqual(b.pipe.drops, { late: 1 });
    const y = machine.ask("y");
    const both = [a, b].map(({ connection }) =>
      connection.until(() => connection.messages().some((message) => message.at(-1) === 0x79))
    );
    await Promise.all(both);
    reply(a, y, "Y");
    const again = [...written(a), ...written(b)].filter((request) => request === "1 x");
    assert.equal(again.length, sent);
    machine.requests.close("over");
  });

  test("leaves no timer behind once all is closed", () => {
    const machine = new Machine({ resendInterval: 60_000 });
    machine.pipe();
    machine.ask("x");
    // A timer of a minute that is left behind keeps Node from ending in time.
    machine.requests.close("over");
  });

  test("is sent once where the interval is longer than a timer can be", async () => {
    const machine = new Machine({ resendInterval: 2 ** 40 });
    const a = machine.pipe();
    machine.ask("x");
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(written(a), ["1 x"]);
  });

  test("that is cancelled is not sent when it was held, nor again when it was sent, and its answer is late", () => {
    const machine = new Machine();
    const held = machine.ask("held");
    machine.requests.forget(held);
    const a = machine.pipe();
    assert.deepEqual(written(a), []);
    const sent = machine.ask("sent");
    assert.deepEqual(written(a), ["2 sent"]);
    machine.requests.forget(sent);
    machine.requests.forget(sent);
    reply(a, sent, "too late");
    assert.deepEqual(a.pipe.drops, { late: 1 });
    const b = machine.pipe();
    a.connection.break();
    assert.deepEqual(written(b), []);
    assert.deepEqual(
      [held, sent].map(({ answers, failures }) => answers.length + failures.length),
      [0, 0],
    );
  });

  test("fails when the socket is closed, held or sent, and none begins after that", () => {
    const machine = new Machine();
    const a = machine.pipe({ framing: "tcp", sendBuffer: 1 });
    a.connection.stuck = true;
    const [sent, held] = [machine.ask("sent"), machine.ask("held")];
    machine.requests.close("over");
    assert.deepEqual([sent.failures, held.failures], [["over"], ["over"]]);
    assert.deepEqual(machine.ask("more").failures.map((reason) => (reason as SPError).code), [
      "ECLOSED",
    ]);
  });
});
