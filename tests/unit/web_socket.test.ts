/** Which requests for an upgrade are taken, and which subprotocol is which. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  BUS,
  PAIR,
  PAIR1,
  PUB,
  PULL,
  PUSH,
  REP,
  REQ,
  RESPONDENT,
  SUB,
  SURVEYOR,
} from "../../patterns/protocols.ts";
import { Pull } from "../../mod.ts";
import { resolveEndpointOptions } from "../../src/surface/options.ts";
import type { OriginCheck, UpgradeRequest, WebSocketOptions } from "../../transports/options.ts";
import { judgeUpgrade, sameOrigin, subprotocol } from "../../transports/ws/web_socket.ts";

function asked(headers: Record<string, string>, path = "/"): UpgradeRequest {
  return { path, headers: new Headers(headers), remoteAddress: "ws://10.0.0.7:41522" };
}

/** The status of the refusal, or what is echoed. */
function judge(
  request: UpgradeRequest,
  options: WebSocketOptions = {},
): number | string | undefined {
  const verdict = judgeUpgrade(request, {
    address: "ws://h",
    protocol: PULL,
    options: { webSocket: options },
  });
  return verdict.refusal === undefined ? verdict.subprotocol : verdict.refusal.status;
}

const OURS = { "sec-websocket-protocol": "pull.sp.nanomsg.org" };

test("the subprotocol that a client names is that of the server's socket", () => {
  const wanted = [PAIR, PAIR1, REQ, REP, PUB, SUB, PUSH, PULL, SURVEYOR, RESPONDENT, BUS].map((
    { name, peerName },
  ) => [name, subprotocol(peerName)]);
  assert.deepEqual(wanted, [
    ["pair", "pair.sp.nanomsg.org"],
    ["pair1", "pair1.sp.nanomsg.org"],
    ["req", "rep.sp.nanomsg.org"],
    ["rep", "req.sp.nanomsg.org"],
    ["pub", "sub.sp.nanomsg.org"],
    ["sub", "pub.sp.nanomsg.org"],
    ["push", "pull.sp.nanomsg.org"],
    ["pull", "push.sp.nanomsg.org"],
    ["surveyor", "respondent.sp.nanomsg.org"],
    ["respondent", "surveyor.sp.nanomsg.org"],
    ["bus", "bus.sp.nanomsg.org"],
  ]);
});

describe("an upgrade", () => {
  test("is taken with our subprotocol, alone or among others, in any case, and echoed as it was said", () => {
    for (
      const [header, echoed] of [
        ["pull.sp.nanomsg.org", "pull.sp.nanomsg.org"],
        ["Pull.SP.nanomsg.org", "Pull.SP.nanomsg.org"],
        ["chat, pull.sp.nanomsg.org,push.sp.nanomsg.org", "pull.sp.nanomsg.org"],
      ] as const
    ) assert.equal(judge(asked({ "sec-websocket-protocol": header })), echoed);
  });

  test("with another subprotocol, or none, is refused with 400 and told what was wanted", () => {
    for (
      const header of ["push.sp.nanomsg.org", "pull", "pull.sp.nanomsg.org.example", "", undefined]
    ) {
      const request = asked(header === undefined ? {} : { "sec-websocket-protocol": header });
      const { refusal } = judgeUpgrade(request, {
        address: "ws://h",
        protocol: PULL,
        options: { webSocket: {} },
      });
      assert.equal(refusal?.status, 400, header);
      const said = header === undefined ? "(none)" : JSON.stringify(header);
      assert.equal(
        refusal?.message,
        `The WebSocket subprotocol is ${said}, expected "pull.sp.nanomsg.org"`,
      );
    }
  });

  test("without a subprotocol is taken where that is permitted, and with a wrong one still not", () => {
    assert.equal(judge(asked({}), { allowMissingProtocol: true }), undefined);
    const wrong = asked({ "sec-websocket-protocol": "push.sp.nanomsg.org" });
    assert.equal(judge(wrong, { allowMissingProtocol: true }), 400);
  });

  test("may ask for any path, or for one only, whatever the query", () => {
    assert.equal(judge(asked(OURS, "/any/where?x")), OURS["sec-websocket-protocol"]);
    for (const path of ["/feed", "/feed?from=7", "/feed?/other"]) {
      assert.equal(judge(asked(OURS, path), { path: "/feed" }), OURS["sec-websocket-protocol"]);
    }
    for (const path of ["/", "/feed/", "/Feed", "/feed2", "/?/feed"]) {
      assert.equal(judge(asked(OURS, path), { path: "/feed" }), 404, path);
    }
  });

  test("of a web page that is not welcome is refused with 403, and other programs have no page", () => {
    const from = (origin: string): UpgradeRequest => asked({ ...OURS, origin });
    const taken = OURS["sec-websocket-protocol"];
    for (const origin of ["https://a.example", ["https://b.example", "https://a.example"]]) {
      assert.equal(judge(from("https://a.example"), { origin }), taken);
      assert.equal(judge(from("http://a.example"), { origin }), 403);
      assert.equal(judge(from("https://a.example.evil"), { origin }), 403);
      assert.equal(judge(asked(OURS), { origin }), taken);
    }
  });

  test("of a web page is taken by default only if the page is from the same host and port", () => {
    const taken = OURS["sec-websocket-protocol"];
    for (
      const [origin, host, answer] of [
        ["http://localhost:8080", "localhost:8080", taken],
        ["http://127.0.0.1:8080", "127.0.0.1:8080", taken],
        ["http://[::1]:8080", "[::1]:8080", taken],
        ["https://example.org", "example.org", taken],
        ["http://localhost:3000", "localhost:8080", 403],
        ["http://127.0.0.1:8080", "localhost:8080", 403],
        ["https://evil.example", "localhost:8080", 403],
        ["null", "localhost:8080", 403],
        ["", "localhost:8080", 403],
      ] as const
    ) {
      const said = `${origin} to ${host}`;
      assert.equal(judge(asked({ ...OURS, host, origin })), answer, said);
      assert.equal(judge(asked({ ...OURS, host, origin }), { origin: "*" }), taken, said);
      const several = ["https://a.example", "*"];
      assert.equal(judge(asked({ ...OURS, host, origin }), { origin: several }), taken, said);
    }
    assert.equal(judge(asked({ ...OURS, host: "localhost:8080" })), taken);
    assert.equal(judge(asked({ ...OURS, origin: "null" }), { origin: "null" }), taken);
  });

  test("that is refused for its origin is told how to allow it", () => {
    const told = (from: string | undefined, origin?: OriginCheck): string | undefined => {
      const request = asked({ ...OURS, ...(from !== undefined && { origin: from }) });
      const options = { webSocket: origin === undefined ? {} : { origin } };
      return judgeUpgrade(request, { address: "ws://h", protocol: PULL, options }).refusal?.message;
    };
    const evil = "https://evil.example";
    assert.equal(
      told(evil),
      `Origin "${evil}" is not allowed: bind with webSocket: { origin: "${evil}" } or origin: "*"`,
    );
    const add = `Origin "${evil}" is not allowed: add it to webSocket.origin, or use "*"`;
    assert.equal(told(evil, "https://a.example"), add);
    assert.equal(told(evil, ["https://a.example"]), add);
    assert.equal(told(evil, () => false), `Origin "${evil}" is not allowed`);
    assert.equal(
      told(undefined, () => false),
      "A request without an Origin header is not allowed here",
    );
    assert.ok(told(`https://${"x".repeat(10_000)}.example`)!.length < 1000);
  });

  test("can be allowed as it was named, whichever program's page it is", () => {
    // Electron says file:// of a page from a file, browsers say null.
    for (const origin of ["file://", "null", "app://viewer", "https://a.example:8443"]) {
      const webSocket = { origin };
      assert.doesNotThrow(() => new Pull({ webSocket }), origin);
      assert.equal(
        judge(asked({ ...OURS, origin }), webSocket),
        OURS["sec-websocket-protocol"],
        origin,
      );
    }
  });

  test("is judged by a function that sees origin and request", () => {
    const seen: unknown[] = [];
    const origin = (origin: string | undefined, request: UpgradeRequest): boolean => {
      seen.push([origin, request.path, request.headers.get("cookie"), request.remoteAddress]);
      return origin !== undefined;
    };
    assert.equal(
      judge(asked({ ...OURS, origin: "null", cookie: "a=1" }, "/x"), { origin }),
      OURS["sec-websocket-protocol"],
    );
    assert.equal(judge(asked(OURS), { origin }), 403);
    assert.deepEqual(seen, [
      ["null", "/x", "a=1", "ws://10.0.0.7:41522"],
      [undefined, "/", null, "ws://10.0.0.7:41522"],
    ]);
  });
});

test("a function that throws, or answers with anything but true, has the request refused", () => {
  const failing = (): boolean => {
    throw new Error("the database is down");
  };
  const { refusal } = judgeUpgrade(asked(OURS), {
    address: "ws://h",
    protocol: PULL,
    options: { webSocket: { origin: failing } },
  });
  assert.equal(refusal?.status, 500);
  assert.doesNotMatch(refusal.message, /database/);
  assert.equal((refusal.cause as Error).message, "the database is down");
  for (const answer of [Promise.resolve(true), "yes", 1, undefined]) {
    const origin = () => answer as unknown as boolean;
    assert.equal(judge(asked(OURS), { origin }), 403);
  }
});

test("the same origin is the host that the request is for, port included", () => {
  for (
    const [origin, host, same] of [
      ["http://example.org", "example.org", true],
      ["https://example.org", "example.org:443", true],
      ["http://example.org:80", "example.org", true],
      ["http://example.org:8080", "example.org:8080", true],
      ["http://EXAMPLE.org", "example.ORG", true],
      ["http://example.org:8080", "example.org", false],
      ["http://evil.example", "example.org", false],
      ["http://example.org.evil", "example.org", false],
      ["null", "example.org", false],
      ["garbage", "example.org", false],
      ["http://example.org", "[", false],
      [undefined, "example.org", true],
    ] as const
  ) {
    assert.equal(sameOrigin(origin, asked({ host })), same, `${origin} to ${host}`);
  }
  assert.equal(sameOrigin("http://example.org", asked({})), false);
});

describe("the options of a WebSocket", () => {
  test("are refused by name and value, with what was wanted", () => {
    for (
      const [name, value, wanted] of [
        ["allowMissingProtocol", "yes", /expected true or false/],
        ["headers", "a: b", /expected an object of strings, or Headers/],
        ["headers", { "no name": "x" }, /expected names and values that HTTP permits/],
        ["maxBacklog", -1, /expected bytes/],
        [
          "origin",
          5,
          /expected an origin such as "https:\/\/example\.org", "null" or "\*", an array/,
        ],
        ["origin", ["https://a.example", 5], /expected an origin such as/],
        ["origin", "https://a.example/", /expected an origin such as/],
        ["origin", "a.example", /expected an origin such as/],
        ["origin", "", /expected an origin such as/],
        ["path", "feed", /expected a path that begins with a slash/],
        ["path", "/feed?x", /without a query/],
        ["sendText", 1, /expected true or false/],
      ] as const
    ) {
      assert.throws(() => new Pull({ webSocket: { [name]: value } as WebSocketOptions }), {
        code: "EINVAL",
        message: new RegExp(`^Cannot set webSocket\\.${name} to .*${wanted.source}`),
      });
    }
    assert.throws(() => new Pull({ webSocket: 5 as WebSocketOptions }), {
      code: "EINVAL",
      message: /^Cannot take 5 \(number\) as webSocket in .*: expected an object$/,
    });
    assert.throws(() => new Pull({ webSocket: { paths: "/" } as WebSocketOptions }), {
      code: "EINVAL",
      message:
        /^Unknown option "webSocket\.paths" in .*; there are: webSocket\.allowMissingProtocol, /,
    });
  });

  test("of an endpoint are added to its socket's, one by one", () => {
    const { webSocket, tls } = resolveEndpointOptions(
      { webSocket: { path: "/a", sendText: true }, tls: { serverName: "a" } },
      { webSocket: { path: "/b" } },
    );
    assert.deepEqual(webSocket, { path: "/b", sendText: true });
    assert.deepEqual(tls, { serverName: "a" });
  });
});
