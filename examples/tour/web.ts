import { generate } from "selfsigned";
import { Pub, Rep, Req, Sub } from "../../mod.ts";
import { show, take, text } from "./show.ts";

/** The same patterns over WebSocket, where a browser can be the other end, and over TLS. */
export async function web(): Promise<void> {
  show.pattern("PUB → SUB", "ws", "the same over WebSocket: a browser can be the other end");
  await using pub = new Pub();
  const { address } = await pub.bind("ws://127.0.0.1:0/weather");
  await using sub = new Sub({ subscribe: "" });
  sub.connect(address);
  await pub.peers(1);
  await pub.send("sunny");
  show.step("we got", (await take(sub.readable, 1)).join());

  show.pattern("REQ ↔ REP", "tls+tcp", "the same over TLS, and the certificate is verified");
  const { cert, private: key } = await generate(
    [{ name: "commonName", value: "localhost" }],
    { algorithm: "sha256" },
  );
  await using rep = new Rep();
  const listener = await rep.bind("tls+tcp://127.0.0.1:0", { tls: { cert, key } });
  rep.serve((question) => text(question).toUpperCase());
  await using req = new Req();
  req.connect(listener.address, { tls: { ca: cert, serverName: "localhost" } });
  show.step("they answered", text(await req.request("for your eyes only")));
  await using stranger = new Req();
  const dialer = stranger.connect(listener.address, { failFast: true });
  const refused = await dialer.opened.catch((error) => error.code);
  show.step("without that CA", `no connection: ${refused}`);
}
