//   deno run --allow-net --allow-env examples/metrics/deno.ts
//   curl http://127.0.0.1:8080/metrics
import { app, mount, rep } from "./app.ts";

app.get(
  "/upper",
  (context) => mount.handler(context.req.raw, context.env as Deno.ServeHandlerInfo),
);

const server = Deno.serve({
  port: Number(Deno.env.get("PORT") ?? 8080),
  hostname: "127.0.0.1",
  onListen: ({ port }) => console.log(`Serving http://127.0.0.1:${port}/metrics`),
}, app.fetch);

Deno.addSignalListener("SIGTERM", async () => {
  await rep.close();
  await server.shutdown();
  Deno.exit();
});
