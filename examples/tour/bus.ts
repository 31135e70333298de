import { Bus } from "../../mod.ts";
import { show, text } from "./show.ts";

/** BUS: each socket sends to all that it is connected to. */
export async function bus(): Promise<void> {
  show.pattern("BUS", "inproc", "everybody tells all its neighbours");
  await using ann = new Bus();
  await using bob = new Bus();
  await using eve = new Bus();
  await ann.bind("inproc://ann");
  await bob.bind("inproc://bob");
  bob.connect("inproc://ann");
  eve.connect("inproc://ann");
  eve.connect("inproc://bob");
  await Promise.all([ann, bob, eve].map((one) => one.peers(2)));
  await ann.send("from Ann");
  await eve.send("from Eve");
  show.step("Bob got", `${text(await bob.receive())}, ${text(await bob.receive())}`);
  show.step("Ann got", text(await ann.receive()));
}
