// An application that logs, any number of times. The other end is collector.ts, which may as well be started later.
import process from "node:process";
import { Push } from "@nanostreams/nanostreams";
import { entry } from "./entry.ts";

const app = process.argv[2] ?? "app";
await using log = new Push({ codec: entry }); // closed at the end, once all is sent
log.connect(process.env["ADDRESS"] ?? "tcp://127.0.0.1:5555");
await log.send({ app, level: "info", text: "I have started" });
await log.send({ app, level: "warn", text: "I have nothing to do" });
