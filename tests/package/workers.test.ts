/** The packed package where there is no Node: in workerd, which Cloudflare Workers are, and with what React Native has. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Pub, Rep } from "../../mod.ts";
import { freePort } from "../conformance/transports.ts";
import { NODE } from "../browser/package.ts";
import { NANOCAT } from "../helpers/peers.ts";
import { start } from "../helpers/process.ts";
import { install, MATRIX, PATIENCE, type Project, SKIP } from "./project.ts";
import { BUNDLERS, RUNTIMES } from "./versions.ts";

/** Asks whoever is at a TCP port, and listens to whoever publishes at an address. */
const WORKER = `
  import { connect } from "cloudflare:sockets";
  import { Req, Sub } from "@nanostreams/nanostreams";
  const text = new TextDecoder();
  const routes = {
    async "/ask"(parameters) {
      const req = new Req();
      req.attach(connect({ hostname: parameters.get("host"), port: Number(parameters.get("port")) }));
      const reply = await req.request("hello", { timeout: 20_000 });
      await req.close();
      return text.decode(reply);
    },
    async "/listen"(parameters) {
      const sub = new Sub({ subscribe: "news" });
      sub.connect(parameters.get("address"));
      const message = await sub.receive({ timeout: 20_000 });
      await sub.close();
      return text.decode(message);
    },
  };
  export default {
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      return new Response(await routes[pathname](searchParams));
    },
  };
`;

/** What React Native has none of, nor Hermes, its engine; but that the WebSocket of the Node that stands in for it needs `Buffer`. */
const MISSING = [
  ...["ReadableStream", "WritableStream", "TransformStream", "ByteLengthQueuingStrategy"],
  ...["CountQueuingStrategy", "TextDecoderStream", "TextEncoderStream", "MessageChannel"],
  ...["MessagePort", "BroadcastChannel", "structuredClone", "crypto", "DOMException"],
  ...["TextDecoder", "Worker", "process", "navigator"],
];

const PHONE = `
  void globalThis.WebSocket; // Node loads it when it is first asked for
  for (const name of ${JSON.stringify(MISSING)}) delete globalThis[name];
  delete AbortSignal.any;
  delete AbortSignal.timeout;
  await import("web-streams-polyfill/polyfill");
  const { Req, Sub } = await import("@nanostreams/nanostreams");
  const [listen, ask] = globalThis.ADDRESSES;
  const sub = new Sub({ subscribe: "news" });
  sub.connect(listen);
  const req = new Req();
  req.connect(ask);
  for await (const message of sub) {
    console.log(String.fromCharCode(...message));
    break;
  }
  console.log(String.fromCharCode(...await req.request("hello")));
  const reader = sub.readable.getReader();
  console.log(String.fromCharCode(...(await reader.read()).value));
  await reader.cancel();
  await Promise.all([sub.close(), req.close()]);
`;

/** Of miniflare, which is installed for the test. */
interface Workerd {
  dispatchFetch(url: string): Promise<{ text(): Promise<string>; readonly status: number }>;
  dispose(): Promise<void>;
}

let project: Project;

if (!SKIP) {
  before(async () => {
    project = await install({ esbuild: BUNDLERS["esbuild"]!, ...RUNTIMES });
    project.write("worker.js", WORKER);
    project.write("phone.js", PHONE);
    const bundle = (name: string, conditions: string, ...more: string[]) =>
      project.run(project.path("node_modules", ".bin", "esbuild"), [
        ...[`${name}.js`, "--bundle", "--format=esm", `--conditions=${conditions}`],
        ...["--log-level=warning", `--outfile=out/${name}.mjs`, ...more],
      ]);
    await Promise.all([
      // As Wrangler does.
      bundle("worker", "workerd,worker,browser", "--external:cloudflare:*"),
      // As Metro does.
      bundle("phone", "react-native"),
    ]);
  }, { timeout: PATIENCE });
  after(() => project?.remove());
}

for (const compatibilityDate of ["2024-01-01", "2026-07-01"]) {
  test(`a worker of ${compatibilityDate} asks nanocat over TCP, and hears it by WebSocket`, {
    ...MATRIX,
    skip: SKIP || NANOCAT.skip,
  }, async () => {
    const { Miniflare } = await import(
      pathToFileURL(project.path("node_modules", "miniflare", "dist", "src", "index.js")).href
    );
    const bundle = readFileSync(project.path("out", "worker.mjs"), "utf8");
    const { host, port } = await freePort();
    await using _rep = start(NANOCAT.command, [
      ...["--rep", "--bind", `tcp://${host}:${port}`, "--data", "hello back"],
    ]);
    const other = await freePort();
    const address = `ws://${other.host}:${other.port}`;
    await using _pub = start(NANOCAT.command, [
      ...["--pub", "--bind", address, "--data", "news of nanomsg", "--interval", "0.05"],
    ]);
    const workerd: Workerd = new Miniflare({
      modules: [{ type: "ESModule", path: "worker.mjs", contents: bundle }],
      compatibilityDate,
    });
    try {
      const get = async (path: string): Promise<string> => {
        const response = await workerd.dispatchFetch(`http://worker${path}`);
        return await response.text();
      };
      assert.equal(await get(`/listen?address=${encodeURIComponent(address)}`), "news of nanomsg");
      assert.equal(await get(`/ask?host=${host}&port=${port}`), "hello back");
    } finally {
      await workerd.dispose();
    }
  });
}

test("with streams by a polyfill, React Native has what the package needs", MATRIX, async () => {
  await using pub = new Pub();
  const { address } = await pub.bind("ws://127.0.0.1:0/");
  await using rep = new Rep();
  const service = await rep.bind("ws://127.0.0.1:0/");
  rep.serve(() => "hello back");
  const script = `
    globalThis.ADDRESSES = ${JSON.stringify([address, service.address])};
    await import("./out/phone.mjs");
  `;
  await using phone = start(NODE, ["--input-type=module", "--eval", script], {
    cwd: project.folder,
  });
  await pub.peers(1, { timeout: 20_000 });
  await pub.send("news 1");
  await pub.send("news 2");
  const { code, stdout, stderr } = await phone.finished();
  assert.deepEqual([code, stdout.toString(), stderr], [0, "news 1\nhello back\nnews 2\n", ""]);
});
