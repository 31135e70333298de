// The tour: every pattern and every transport once, on real sockets, most of them between two processes.
// `npm start` runs it; `node`, `bun` and `deno run -A` run it as well.
import process from "node:process";
import { show } from "./tour/show.ts";
import { startOther } from "./tour/other.ts";
import { pipeline } from "./tour/pipeline.ts";
import { pubsub } from "./tour/pubsub.ts";
import { reqrep } from "./tour/reqrep.ts";
import { survey } from "./tour/survey.ts";
import { pairs } from "./tour/pairs.ts";
import { bus } from "./tour/bus.ts";
import { devices } from "./tour/devices.ts";
import { web } from "./tour/web.ts";
import { threads } from "./tour/threads.ts";
import { villas } from "./tour/villas.ts";

show.title("nanostreams: a tour");
await using other = await startOther();
show.note(
  `Two processes: this one (${process.pid}) and another (${other.pid}), joined by sockets.`,
);

await pipeline(other);
await pubsub(other);
await reqrep(other);
await survey(other);
await pairs(other);
await bus();
await devices(other);
await web();
await threads();
await villas();

show.title("What next?");
show.lines([
  "examples/             small programs to start from",
  "README.md             the patterns in a table, options, errors, interoperation",
  "npm test              the whole suite on Deno, Bun and Node",
  "npm run bench         how fast it is here, beside nanomsg, nng and ZeroMQ",
  "node_modules/.bin/deno run -A cli/nanocat.ts --help",
  "                      the command-line tool; it talks to any nanomsg, nng or mangos program",
]);
