// The application: a REP socket mounted in Hono, and its metrics at /metrics. Each runtime serves it in its own way:
// deno.ts, bun.ts and node.ts.
import { Hono } from "hono";
import { Rep, WebSocketMount } from "../../mod.ts";
import { logEvents, prometheus, PROMETHEUS_CONTENT_TYPE } from "../../observe/mod.ts";

export const rep: Rep = new Rep();
export const mount: WebSocketMount = new WebSocketMount();
await rep.bind(mount, { webSocket: { path: "/upper" } });
rep.serve((request) => new TextDecoder().decode(request).toUpperCase());
logEvents(rep, console, { name: "upper" });

export const app: Hono = new Hono();
app.get("/", (context) => context.text("A page\n"));
app.get("/metrics", (context) => {
  const figures = prometheus({ upper: rep }, { endpoints: true });
  return context.body(figures, 200, { "content-type": PROMETHEUS_CONTENT_TYPE });
});
