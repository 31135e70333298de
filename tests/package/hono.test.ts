/** A socket of the packed package within a server of Hono's, which goes on serving its pages, on every runtime. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Req } from "../../mod.ts";
import { text } from "../helpers/bytes.ts";
import { start } from "../helpers/process.ts";
import { RUNTIMES } from "../helpers/runtimes.ts";
import { install, MATRIX, PATIENCE, type Project, SKIP } from "./project.ts";
import { HONO } from "./versions.ts";

const APP = `
  import { Hono } from "hono";
  import { Rep, WebSocketMount } from "@nanostreams/nanostreams";
  export const mount = new WebSocketMount();
  const rep = new Rep();
  await rep.bind(mount);
  rep.serve((question) => new TextDecoder().decode(question).toUpperCase());
  export const app = new Hono();
  app.get("/", (c) => c.text("a page"));
`;

/** How each runtime serves it. */
const SERVERS = {
  node: `
    import { serve } from "@hono/node-server";
    import { app, mount } from "./app.js";
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => console.log("port", port));
    server.on("upgrade", (request, socket, head) => {
      if (request.url === "/upper") mount.upgrade(request, socket, head);
      else socket.destroy();
    });
  `,
  // A request that became a WebSocket has no response.
  bun: `
    import { app, mount } from "./app.js";
    app.get("/upper", (c) => mount.fetch(c.req.raw, c.env.server) ?? new Response(null));
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request, server) => app.fetch(request, { server }),
      websocket: mount.websocket,
    });
    console.log("port", server.port);
  `,
  deno: `
    import { app, mount } from "./app.js";
    app.get("/upper", (c) => mount.handler(c.req.raw, c.env));
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log("port", port) }, app.fetch);
  `,
};

let project: Project;

if (!SKIP) {
  before(async () => {
    project = await install(HONO);
    project.write("app.js", APP);
    for (const [name, code] of Object.entries(SERVERS)) project.write(`${name}.js`, code);
  }, { timeout: PATIENCE });
  after(() => project?.remove());
}

for (const { name, command, args } of RUNTIMES) {
  test(`Hono on ${name} serves pages, and has a socket beside them`, MATRIX, async () => {
    await using server = start(command, [...args, `${name}.js`], { cwd: project.folder });
    const port = (await server.line(/^port \d+$/)).slice("port ".length);
    await using req = new Req();
    req.connect(`ws://127.0.0.1:${port}/upper`);
    assert.equal(text(await req.request("hello", { timeout: 20_000 })), "HELLO");
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(await page.text(), "a page");
    assert.equal((await fetch(`http://127.0.0.1:${port}/elsewhere`)).status, 404);
  });
}
