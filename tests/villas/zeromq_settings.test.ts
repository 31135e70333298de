/** The settings of a `zeromq` node: which there are, and what is refused. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ConfigError, Gateway, parseLibconfig } from "../../villas/mod.ts";
import { run } from "./gateways.ts";

const folder = mkdtempSync(join(tmpdir(), "villas-zeromq-"));
after(() => rmSync(folder, { recursive: true }));

const PUBLIC = "Veg+Q.V-c&1k>yVh663gQ^7fL($y47gybE-nZP1L";
const SECRET = "HPY.+mFuB[jGs@(zZr6$IZ1H1dZ7Ji*j>oi@O?Pc";
const SUBSCRIBE = { in: { subscribe: "tcp://127.0.0.1:1" } };

/** VILLASnode's example (etc/examples/nodes/zeromq.conf): the same settings. */
const EXAMPLE = `
nodes = {
    zeromq_node = {
        type = "zeromq"

        pattern = "pubsub"              # One of pubsub, radiodish
        ipv6 = false

        curve = {                       # Z85 encoded Curve25519 keys
            enabled = false,
            public_key = "${PUBLIC}"
            secret_key = "${SECRET}"
        }

        in = {
            subscribe = "tcp://*:1234"
            filter = "ab184"
        }
        out = {
            publish = [
                "tcp://localhost:1235",
                "tcp://localhost:12444"
            ]

            filter = "ab184"
        }
    }
}
`;

test("the documentation's example is a configuration, and its settings are told as VILLASnode tells them", async () => {
  const config = parseLibconfig(EXAMPLE);
  const gateway = new Gateway(config);
  assert.equal(
    gateway.nodes.get("zeromq_node")!.details,
    "pattern=pubsub, ipv6=no, crypto=no, in.bind=no, out.bind=yes, in.subscribe=[ tcp://*:1234 ], " +
      "out.publish=[ tcp://localhost:1235 tcp://localhost:12444 ], in.filter=ab184, out.filter=ab184",
  );
  await using running = await run(config);
  assert.ok(
    running.logged.includes(
      "info super_node: Node zeromq_node(zeromq) is not used by any path. Disabling...",
    ),
  );
});

/** The error that a node with these settings is. */
function refusal(settings: object): string {
  try {
    new Gateway({ nodes: { zz: { type: "zeromq", ...settings } } });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return assert.fail("It was accepted");
}

test("radiodish is refused with a sentence that says why, and any other pattern in VILLASnode's words", () => {
  const radiodish = refusal({ pattern: "radiodish", ...SUBSCRIBE });
  assert.match(radiodish, /^Pattern "radiodish" is not supported: /);
  assert.match(radiodish, /draft.*"pubsub"/);
  assert.equal(
    refusal({ pattern: "pushpull", ...SUBSCRIBE }),
    'Invalid type for ZeroMQ node: got "pushpull", expected "pubsub"',
  );
  assert.match(refusal({ pattern: 5, ...SUBSCRIBE }), /Invalid "nodes.zz.pattern"/);
});

test("a node without endpoints is refused, also one that has them where the documentation's schema does", () => {
  const wanted = /expected endpoints in in\.subscribe, in out\.publish, or in both/;
  assert.match(refusal({}), wanted);
  assert.match(refusal({ publish: "tcp://*:1", subscribe: "tcp://*:1" }), wanted);
  assert.match(refusal({ in: { endpoints: "tcp://*:1" } }), wanted);
});

test("settings of a wrong kind are refused, and say what was expected", () => {
  const list = "expected a string, or a list of strings";
  assert.equal(
    refusal({ out: { publish: 5 } }),
    `Failed to parse list of publish endpoints: ${list}`,
  );
  assert.equal(
    refusal({ in: { subscribe: ["tcp://*:1", 5] } }),
    `Failed to parse list of subscribe endpoints: ${list}`,
  );
  assert.match(
    refusal({ in: { subscribe: "a", filter: 5 } }),
    /"nodes.zz.in.filter": expected a s/,
  );
  assert.match(
    refusal({ in: { subscribe: "a", bind: "no" } }),
    /"nodes.zz.in.bind": expected true/,
  );
  assert.match(refusal({ ...SUBSCRIBE, ipv6: 1 }), /"nodes.zz.ipv6": expected true or false/);
  assert.match(refusal({ ...SUBSCRIBE, curve: true }), /"nodes.zz.curve": expected a group/);
});

test("keys are checked, and none is ever shown", () => {
  const keys = { public_key: PUBLIC, secret_key: SECRET };
  const wanted = "must be a Z85 encoded CurveZMQ key: expected 40 characters of Z85";
  for (const name of ["public_key", "secret_key"]) {
    for (const wrong of [SECRET.slice(1), `${SECRET.slice(1)}~`, 5, ["x"]]) {
      const message = refusal({ ...SUBSCRIBE, curve: { ...keys, [name]: wrong } });
      assert.equal(message, `Setting 'curve.${name}' ${wanted}`);
    }
  }
  assert.match(refusal({ ...SUBSCRIBE, curve: { ...keys, enabled: 1 } }), /expected true or false/);
  assert.match(refusal({ ...SUBSCRIBE, curve: { secret_key: SECRET } }), /'curve.public_key' must/);
  // Whoever only subscribes has no use for the publisher's secret.
  const subscriber = { type: "zeromq", ...SUBSCRIBE, curve: { public_key: PUBLIC } };
  const { details } = new Gateway({ nodes: { zz: subscriber } }).nodes.get("zz")!;
  assert.match(details, /crypto=yes/);
  assert.match(
    refusal({ out: { publish: "tcp://*:1" }, curve: { public_key: PUBLIC } }),
    /'curve.secret_key' must/,
  );
});

test("an address to bind that cannot be connected to, or the other way round, stops the gateway", async () => {
  const config = parseLibconfig(`${EXAMPLE} paths = ( { in = "zeromq_node" } )`);
  await assert.rejects(run(config), (error: Error) => {
    // The publish endpoints are bound first; the subscribe endpoint names no host to connect to.
    assert.match(error.message, /^Failed to connect zeromq socket to endpoint tcp:\/\/\*:1234: /);
    assert.match(error.message, /\* stands for all interfaces and can only be bound/);
    return true;
  });
});
