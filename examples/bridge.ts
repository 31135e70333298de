// A bridge between nanomsg and ZeroMQ: subscribers on one side get what is published on the other, and requests on one side are
// answered by the other. Everybody connects to the bridge.
//
//   node examples/bridge.ts
//   nanocat --req --connect tcp://127.0.0.1:5554 --data hello --ascii
import process from "node:process";
import * as sp from "@nanostreams/nanostreams";
import * as zmtp from "@nanostreams/nanostreams/zmtp";

/** With `PORT=0` each address gets a port of its own. */
const port = Number(process.env["PORT"] ?? 5550);
const address = (offset: number): string => `tcp://127.0.0.1:${port && port + offset}`;

/** nanomsg's messages have no frames, so those of ZeroMQ are joined. */
async function join(frames: zmtp.Frames): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob(frames).arrayBuffer());
}

const joined = new TransformStream<zmtp.Frames, Uint8Array<ArrayBuffer>>({
  transform: async (frames, controller) => controller.enqueue(await join(frames)),
});

// nanomsg PUB → ZeroMQ SUB
const spSub = new sp.Sub({ subscribe: "" });
const zmtpPub = new zmtp.Pub();
spSub.readable.pipeTo(zmtpPub.writable);

// ZeroMQ PUB → nanomsg SUB
const zmtpSub = new zmtp.Sub({ subscribe: "" });
const spPub = new sp.Pub();
zmtpSub.readable.pipeThrough(joined).pipeTo(spPub.writable);

// nanomsg REQ → ZeroMQ REP. `rep.readable.pipeThrough(req)` would work, too, but a request without a reply would hold up all later ones.
const spRep = new sp.Rep();
const zmtpReq = new zmtp.Req({ correlate: true });
spRep.serve(async (question, { signal }) => join(await zmtpReq.request(question, { signal })));

// ZeroMQ REQ → nanomsg REP
const zmtpRep = new zmtp.Rep();
const spReq = new sp.Req();
zmtpRep.serve(async (question, { signal }) => spReq.request(await join(question), { signal }));

const sockets = [
  ["nanomsg PUB", spSub],
  ["ZeroMQ SUB", zmtpPub],
  ["ZeroMQ PUB", zmtpSub],
  ["nanomsg SUB", spPub],
  ["nanomsg REQ", spRep],
  ["ZeroMQ REP", zmtpReq],
  ["ZeroMQ REQ", zmtpRep],
  ["nanomsg REP", spReq],
] as const;
for (const [offset, [peer, socket]] of sockets.entries()) {
  const listener = await socket.bind(address(offset));
  console.log(`${peer}: ${listener.address}`);
}
