import { device, RawSocket, Req } from "../../mod.ts";
import { ipcAddress, type Other } from "./other.ts";
import { show, text } from "./show.ts";

/** A device between two raw sockets: requests go on, replies find their way back. */
export async function devices(other: Other): Promise<void> {
  show.pattern("a device", "tcp → ipc", "passes requests on; replies find their way back");
  await using front = new RawSocket("rep");
  await using back = new RawSocket("req");
  const { address } = await front.bind("tcp://127.0.0.1:0");
  const behind = await back.bind(ipcAddress());
  await using forwarder = device(front, back);
  await other.play("upper", behind.address);
  await using req = new Req();
  req.connect(address);
  show.step("they answered", text(await req.request("through a device")));
  const { forward, backward } = forwarder.stats();
  show.step("it passed on", `${forward.messages} request, ${backward.messages} reply`);
}
