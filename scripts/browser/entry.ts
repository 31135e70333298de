// What is in npm/browser.js.
import { registerTransport } from "../../src/transport.ts";
import { InprocTransport } from "../../transports/inproc.ts";
import { webRuntime } from "../../transports/runtime/web.ts";
import { WebSocketTransport } from "../../transports/ws.ts";

registerTransport(new InprocTransport());
registerTransport(new WebSocketTransport(() => webRuntime));

export { Bus } from "../../patterns/bus.ts";
export { Pair } from "../../patterns/pair.ts";
export { Pull, Push } from "../../patterns/pipeline.ts";
export { Pub, Sub } from "../../patterns/pubsub.ts";
export { Rep, Req } from "../../patterns/reqrep.ts";
export { Respondent, Surveyor } from "../../patterns/survey.ts";
export { SPError } from "../../src/errors.ts";
export { transfer } from "../../src/transfer.ts";
export { attachInproc } from "../../transports/inproc_attach.ts";
