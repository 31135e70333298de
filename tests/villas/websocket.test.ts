/** The websocket node: as VILLASweb's pages and other gateways talk to it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort } from "../conformance/transports.ts";
import { PRINT, run, type Running } from "./gateways.ts";
import { codec, hex, sample } from "./samples.ts";

const DASH = { type: "websocket", signals: "2f", builtin: false, in: { hooks: [PRINT] } };

/** A gateway with a node `dash` that sends what the loopback `aa` takes. */
async function serve(http: object = {}): Promise<{ running: Running; address: string }> {
  const { host, port } = await freePort();
  const running = await run({
    http: { host, port, ...http },
    nodes: { aa: { type: "loopback", signals: "2f", builtin: false }, dash: DASH },
    paths: [{ in: "aa", out: "dash" }, { in: "dash" }],
  });
  return { running, address: `${host}:${port}` };
}

/** A page's WebSocket, once it is open. */
async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, "live");
  socket.binaryType = "arraybuffer";
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`Cannot open ${url}`));
  });
  return socket;
}

function message(socket: WebSocket): Promise<string | ArrayBuffer> {
  return new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
}

function closed(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.onclose = ({ code }) => resolve(code));
}

/** Feeds the node until a peer has got something: it may be open for longer here than there. */
async function exchange(running: Running, socket: WebSocket): Promise<string | ArrayBuffer> {
  const got = message(socket);
  const feeding = setInterval(() => {
    const more = { sequence: 42n, origin: [1_700_000_000, 123_456_789] as const };
    void running.feed("aa", "2f", [1.5, -0.1], more);
  }, 20);
  return await got.finally(() => clearInterval(feeding));
}

test("a page gets villas.web, binary, by the protocol that is called live", async () => {
  const { running, address } = await serve();
  const socket = await open(`ws://${address}/dash`);
  assert.equal(socket.protocol, "live");
  const data = await exchange(running, socket);
  assert.deepEqual(
    [...new Uint8Array(data as ArrayBuffer)],
    [...hex("20 00 02 00 2a 00 00 00 00 f1 53 65 15 cd 5b 07  00 00 c0 3f cd cc cc bd")],
  );
  const gone = closed(socket);
  await running.gateway.stop();
  assert.equal(await gone, 1001);
});

test("a page may ask for another format, which is text if the format is", async () => {
  const { running, address } = await serve();
  const socket = await open(`ws://${address}/dash.json`);
  assert.equal(
    await exchange(running, socket),
    '[{"ts": {"origin": [1700000000, 123456789]}, "sequence": 42, "data": [1.5, -0.10000000000000001]}]',
  );
  await running.gateway.stop();
});

test("the node reads what a page sends, and lives on rubbish", async () => {
  const { running, address } = await serve();
  const socket = await open(`ws://${address}/dash`);
  const { codec: web } = await codec("villas.web", "2f");
  socket.send(hex("00 01 02") as Uint8Array<ArrayBuffer>);
  socket.send("text");
  socket.send(web.encode([sample("2f", [1, 2]), sample("2f", [3, 4], { sequence: 43n })]));
  await running.until(() => running.printed.length >= 2);
  assert.deepEqual(running.printed, ["(42)\t1.0\t2.0", "(43)\t3.0\t4.0"]);
  assert.equal(running.gateway.stats().nodes["dash"]!.malformed, 2);
  socket.close();
  await running.gateway.stop();
});

test("a node or format that is not there is refused, and so is a page of another origin", async () => {
  const { running, address } = await serve({ origins: ["https://web.lab"] });
  for (const path of ["nothing", "", "dash.foo"]) {
    assert.equal(await closed(await open(`ws://${address}/${path}`)), 1008);
  }
  await using _running = running;
  const status = async (origin: string): Promise<string> => {
    const { connect } = await import("node:net");
    const [host, port] = address.split(":");
    const socket = connect(Number(port), host!);
    const lines = [
      "GET /dash HTTP/1.1",
      `Host: ${address}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Protocol: live",
      `Origin: ${origin}`,
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    let text = "";
    for await (const chunk of socket) {
      text += String(chunk);
      const body = text.split("\r\n\r\n")[1] ?? "";
      if (body.includes("Origin not allowed")) break;
      if (text.includes("\r\n\r\n")) void running.feed("aa", "2f", [1, 2]);
      if (body.length > 10) break;
    }
    socket.destroy();
    return text.includes("Origin not allowed") ? "refused" : "taken";
  };
  assert.equal(await status("https://elsewhere.example"), "refused");
  assert.equal(await status("https://web.lab"), "taken");
  assert.equal(await status(`http://${address}`), "taken");
});

test("two gateways talk, and find each other again", async () => {
  const first = await serve();
  const [host, port] = first.address.split(":");
  await using client = await run({
    http: { enabled: false },
    nodes: { dash: { ...DASH, destinations: [`http://${first.address}/dash.json`] } },
    paths: [{ in: "dash" }],
  });
  const feed = async ({ running }: { running: Running }, count: number): Promise<void> => {
    const feeding = setInterval(() => void running.feed("aa", "2f", [1, 2], { sequence: 1n }), 20);
    await client.until(() => client.printed.length >= count).finally(() => clearInterval(feeding));
  };
  await feed(first, 1);
  await first.running.gateway.stop();
  const count = client.printed.length;
  const second = await serve({ host, port: Number(port) });
  await using _second = second.running;
  await feed(second, count + 1);
  assert.equal(client.printed.at(-1), "(1)\t1.0\t2.0");
});

test("a port that is taken, and an address that is none, are errors", async () => {
  const { running, address } = await serve();
  const [host, port] = address.split(":");
  const nodes = { dash: DASH };
  const paths = [{ in: "dash" }];
  await assert.rejects(
    run({ http: { host, port: Number(port) }, nodes, paths }),
    new RegExp(`Cannot serve WebSockets at port ${port}: `),
  );
  await running.gateway.stop();
  await assert.rejects(run({ nodes: { dash: { ...DASH, destinations: ["foo"] } } }), {
    message: "Failed to parse WebSocket URI: 'foo'",
  });
});
