import { Pair, Pair1 } from "../../mod.ts";
import { ipcAddress, type Other } from "./other.ts";
import { show, text } from "./show.ts";

/** PAIR: two sockets, both ways. Version 1 counts hops. */
export async function pairs(other: Other): Promise<void> {
  show.pattern("PAIR ↔ PAIR", "ipc", "two sockets, both ways");
  await using pair = new Pair();
  const { address } = await pair.bind(ipcAddress());
  await other.play("parrot", address);
  await pair.send("hello");
  show.step("we said", "hello");
  show.step("they said", text(await pair.receive()));

  await using left = new Pair1();
  await using right = new Pair1();
  await left.bind("inproc://pair1");
  right.connect("inproc://pair1");
  await left.send("the same with a hop count, as nng and mangos have it");
  show.step("PAIR1, inproc", text(await right.receive()));
}
