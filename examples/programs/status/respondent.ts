// One of many services: it answers surveys, and Prometheus at /metrics.
//
//   node examples/programs/status/surveyor.ts
//   node examples/programs/status/respondent.ts      (as many as you like)
//
// Prometheus wants a port that stays: PORT=9464.
import { createServer } from "node:http";
import process from "node:process";
import { Respondent } from "@nanostreams/nanostreams";
import { text } from "@nanostreams/nanostreams/codecs";
import { prometheus, PROMETHEUS_CONTENT_TYPE } from "@nanostreams/nanostreams/observe";
import { status } from "./status.ts";

const respondent = new Respondent({ codec: { request: text(), reply: status } });
const server = createServer((_request, response) => {
  response.setHeader("content-type", PROMETHEUS_CONTENT_TYPE);
  response.end(prometheus({ status: respondent }));
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  const metrics = `http://127.0.0.1:${port}/metrics`;
  respondent.serve(() => ({ pid: process.pid, uptime: process.uptime(), metrics }));
  respondent.connect(process.env["ADDRESS"] ?? "tcp://127.0.0.1:5557");
  console.log(`Serving ${metrics}`);
});
