/** The requester's state machine, with mock pipes: how requests end. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hex } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { Asked, Machine, reply, written } from "../helpers/request_machine.ts";

describe("an answer", () => {
  test("that comes twice counts once", () => {
    const machine = new Machine();
    const a = machine.pipe();
    const x = machine.ask("x");
    reply(a, x, "X");
    reply(a, x, "X");
    assert.deepEqual(x.answers, ["X"]);
    assert.deepEqual(a.pipe.drops, { late: 1 });
    assert.equal(a.connection.destroyed, false);
  });

  test("from a peer that was not asked does not count, whatever its id", () => {
    const machine = new Machine();
    const [a, b] = [machine.pipe(), machine.pipe()];
    const x = machine.ask("x");
    reply(b, x, "forged");
    assert.deepEqual(x.answers, []);
    assert.deepEqual(b.pipe.drops, { unasked: 1 });
    assert.equal(b.connection.destroyed, false);
    reply(a, x, "X");
    assert.deepEqual(x.answers, ["X"]);
    reply(a, x, "X");
    assert.deepEqual(a.pipe.drops, { late: 1 });
  });

  test("to no request is late, and dropped", () => {
    const machine = new Machine();
    const a = machine.pipe();
    a.connection.deliver(hex("ff ff ff ff 61"));
    assert.deepEqual(a.pipe.drops, { late: 1 });
    assert.equal(a.connection.destroyed, false);
  });

  for (const malformed of ["", "80", "80 00 00", "00 00 00 01", "7f ff ff ff 61 62"]) {
    test(`without an id closes its connection, and the request goes elsewhere: "${malformed}"`, () => {
      const machine = new Machine();
      const [a, b] = [machine.pipe(), machine.pipe()];
      const x = machine.ask("x");
      a.connection.deliver(hex(malformed));
      assert.deepEqual(a.pipe.drops, { malformed: 1 });
      assert.equal(a.host.reason?.code, "EPROTO");
      assert.match(a.host.reason.message, /reply without its id/);
      assert.equal(a.connection.destroyed, true);
      assert.deepEqual(written(b), ["1 x"]);
      assert.deepEqual(x.failures, []);
    });
  }
});

describe("a request that fails without peers", () => {
  test("fails at once where nobody is connected", () => {
    const machine = new Machine({ failWithoutPeers: true });
    const x = machine.ask("x");
    assert.throws(() => {
      throw x.failures[0];
    }, spError("ENOPEERS", "nobody is connected"));
    assert.throws(() => machine.requests.send(new Asked("y", 2)), spError("ENOPEERS"));
    assert.deepEqual(written(machine.pipe()), []);
  });

  test("fails when the last peer goes, and not before", () => {
    const machine = new Machine({ failWithoutPeers: true });
    const [a, b] = [machine.pipe(), machine.pipe()];
    const x = machine.ask("x");
    a.connection.break();
    assert.deepEqual(x.failures, []);
    assert.deepEqual(written(b), ["1 x"]);
    b.connection.break();
    assert.equal(x.failures.length, 1);
    assert.deepEqual(written(machine.pipe()), []);
  });

  test("waits while its peers are full", () => {
    const machine = new Machine({ failWithoutPeers: true });
    const a = machine.pipe({ framing: "tcp", sendBuffer: 1 });
    a.connection.stuck = true;
    machine.ask("x");
    const y = machine.ask("y");
    assert.deepEqual(written(a), ["1 x"]);
    assert.deepEqual(y.failures, []);
    a.connection.release();
    assert.deepEqual(written(a), ["1 x", "2 y"]);
  });

  test("and is held fails, too, when the last peer goes", () => {
    const machine = new Machine({ failWithoutPeers: true });
    const a = machine.pipe({ framing: "tcp", sendBuffer: 1 });
    a.connection.stuck = true;
    const x = machine.ask("x");
    const held = machine.ask("held");
    a.connection.break();
    assert.deepEqual([x.failures.length, held.failures.length], [1, 1]);
  });
});

test("with `ready`, send finds no place until a peer takes the request; a request of its own is held", () => {
  const machine = new Machine({ ready: true });
  const x = new Asked("x", 1);
  assert.equal(machine.requests.send(x), false);
  machine.ask("held");
  const a = machine.pipe();
  assert.equal(machine.requests.send(x), true);
  assert.deepEqual(written(a), ["1 held", "1 x"]);
});
