import { Pub, Sub } from "../../mod.ts";
import { ipcAddress, type Other } from "./other.ts";
import { show, take } from "./show.ts";

/** PUB sends to everybody; each SUB takes what it subscribed to. What a slow one loses is counted. */
export async function pubsub(other: Other): Promise<void> {
  show.pattern("PUB → SUB", "ipc", "tells everybody; a subscriber takes what it wants");
  await using sub = new Sub({ subscribe: "weather" });
  const { address } = await sub.bind(ipcAddress());
  show.step("we subscribed to", '"weather"');
  await other.play("station", address);
  show.step("they published", "sport, weather, traffic, weather");
  for (const message of await take(sub.readable, 2)) show.step("we got", message);

  await using pub = new Pub({ sendBuffer: 64 * 1024 });
  await using slow = new Sub({ subscribe: "", receiveBuffer: 64 * 1024 });
  await pub.bind("inproc://slow");
  slow.connect("inproc://slow");
  await pub.peers(1);
  for (let i = 0; i < 10_000; i++) await pub.send(new Uint8Array(64));
  const { drops } = pub.stats();
  show.step("a slow one", `10,000 published, nothing read: ${drops.overflow} dropped, and counted`);
}
