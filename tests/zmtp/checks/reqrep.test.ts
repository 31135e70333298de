/** REQ and REP with zeromq.js. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Rep, Req, Router } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { freePort } from "../../conformance/transports.ts";
import { spError } from "../../helpers/errors.ts";
import { joined, link, linkTapped, patiently, ROLES, theirSide } from "../helpers/link.ts";
import { framesBehindGreeting } from "../helpers/frames.ts";
import { PATIENCE, sharedProcess, skip, ZProcess } from "../peers/zeromq.ts";

const zeromq = sharedProcess();
const timeout = PATIENCE;

for (const role of ROLES) {
  // Check 20.
  test(`our REQ asks zeromq.js's REP 1,000 times in turn when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using rep = await z.socket("Reply");
    await rep.echo();
    await using req = new Req();
    await link(role, req, rep);
    for (let i = 0; i < 1000; i++) {
      assert.equal(joined(await req.request([`${i}`, ""], { timeout })), `${i}|`);
    }
  });

  // Check 20.
  test(`zeromq.js's REQ asks our REP 1,000 times in turn when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using req = await z.socket("Request");
    await using rep = new Rep();
    void rep.serve((request) => [...request, "answered"]);
    await link(role, rep, req);
    for (let i = 0; i < 1000; i++) {
      await req.send([`${i}`, ""]);
      assert.deepEqual(await req.texts(), [`${i}||answered`]);
    }
  });

  // Check 21.
  test(`our REQ and REP meet by two brokers of zeromq.js's in a row when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    const [front, back, front2, back2] = [
      await z.socket("Router"),
      await z.socket("Dealer"),
      await z.socket("Router"),
      await z.socket("Dealer"),
    ];
    try {
      await back.connect(await front2.bind());
      await z.broker(front, back);
      await z.broker(front2, back2);
      await using req = new Req();
      await using rep = new Rep();
      void rep.serve((request) => [...request, "answered"]);
      await using tap = await linkTapped(role, rep, back2);
      await link(role, req, front);
      for (const request of ["a", "b"]) {
        assert.equal(joined(await req.request(request, { timeout })), `${request}|answered`);
      }
      const said = framesBehindGreeting(tap.said(theirSide(role))).slice(1);
      // Two routing ids of five bytes, the delimiter, the request.
      assert.deepEqual(said.map(({ body }) => body.length), [5, 5, 0, 1, 5, 5, 0, 1]);
    } finally {
      await z.closeAll();
    }
  });

  // Check 22.
  test(`our REP answers a REQ of zeromq.js's that correlates when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using req = await z.socket("Request", { correlate: true, relaxed: true });
    await using rep = new Rep();
    void rep.serve((request) => request);
    await link(role, rep, req);
    for (let i = 0; i < 10; i++) {
      await req.send(`given up ${i}`);
      await req.send(`${i}`);
      assert.deepEqual(await req.texts(), [`${i}`]);
    }
  });

  // Check 22.
  test(`our ROUTER answers a REQ of zeromq.js's that correlates when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using req = await z.socket("Request", { correlate: true, relaxed: true });
    await using router = new Router();
    const echoed = (async () => {
      for await (const frames of router) await router.send(frames);
    })();
    await link(role, router, req);
    for (let i = 0; i < 10; i++) {
      await req.send(`given up ${i}`);
      await req.send(`${i}`);
      assert.deepEqual(await req.texts(), [`${i}`]);
    }
    await router.close();
    await echoed;
  });

  // Check 23.
  test(`our REQ that correlates has 50 requests at once with zeromq.js's REP when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using rep = await z.socket("Reply");
    await rep.echo();
    await using req = new Req({ correlate: true });
    await link(role, req, rep);
    const requests = Array.from({ length: 50 }, (_, i) => `request ${i}`);
    const replies = await Promise.all(requests.map((text) => req.request(text, { timeout })));
    assert.deepEqual(replies.map(joined), requests);
  });

  // Check 24.
  test(
    `our REQ's request ends when zeromq.js's REP is killed, and the next is answered, when we ${role}`,
    {
      skip,
    },
    async () => {
      const { host, port } = await freePort();
      const address = `tcp://${host}:${port}`;
      await using req = new Req({ reconnectMin: 20, reconnectMax: 100 });
      if (role === "bind") await req.bind(address);
      else req.connect(address);
      for (let life = 0; life < 2; life++) {
        await using z = await ZProcess.start();
        const rep = await z.socket("Reply");
        if (role === "bind") await rep.connect(address);
        else await rep.bind(address);
        await patiently(req.peers(1), "a peer");
        const answered = req.request("first", { timeout });
        assert.deepEqual(await rep.texts(), ["first"]);
        await rep.send("answer");
        assert.equal(joined(await answered), "answer");

        const lost = req.request("second", { timeout });
        assert.deepEqual(await rep.texts(), ["second"]);
        const rejected = assert.rejects(lost, spError("ECONNRESET"));
        await z.kill();
        await rejected;
      }
    },
  );

  // Check 24.
  // A REP of libzmq's that has connected keeps what it has to say for its next connection: there only ids tell replies apart.
  const correlate = role === "bind";
  test(`our REQ goes on after a request that timed out when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using rep = await z.socket("Reply", { reconnectInterval: 20 });
    await using req = new Req({ correlate, reconnectMin: 20, reconnectMax: 100 });
    const events = new EventLog(req);
    await link(role, req, rep);
    const late = req.request("late", { timeout: 50 });
    assert.deepEqual(await rep.texts(), ["late"]);
    await assert.rejects(late, spError("ETIMEDOUT"));
    // The stale answer goes to nobody, for the connection is a new one.
    if (!correlate) await events.next("detached");
    await rep.send("stale");
    const next = req.request("next", { timeout });
    assert.deepEqual(await rep.texts(), ["next"]);
    await rep.send("answer");
    assert.equal(joined(await next), "answer");
  });

  // Check 25.
  test(`our REP drops a message without a delimiter and answers the next when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using dealer = await z.socket("Dealer");
    await using rep = new Rep();
    const events = new EventLog(rep);
    void rep.serve((request) => [...request, "answered"]);
    await link(role, rep, dealer);
    await dealer.send("no delimiter", ["none", "here"], ["", "valid"]);
    assert.deepEqual(await dealer.texts(), ["|valid|answered"]);
    const { peer } = await events.next("dropped", (event) => event.reason as string === "unwanted");
    assert.equal(peer?.protocol, "dealer");
    assert.equal(rep.stats().peers.length, 1);
    assert.equal((rep.stats().drops as Record<string, number>)["unwanted"], 2);
  });
}
