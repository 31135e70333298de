import { Surveyor } from "../../mod.ts";
import type { Other } from "./other.ts";
import { show, text } from "./show.ts";

/** SURVEYOR asks everybody, and takes the answers that come in time. */
export async function survey(other: Other): Promise<void> {
  show.pattern("SURVEYOR ↔ RESPONDENT", "tcp", "asks everybody, for a limited time");
  await using surveyor = new Surveyor();
  const { address } = await surveyor.bind("tcp://127.0.0.1:0");
  await other.play("crowd", address);
  await surveyor.peers(3);
  show.step("we asked three", '"who is there?", for 300 ms');
  for await (const response of surveyor.survey("who is there?", { deadline: 300 })) {
    show.step("one answered", text(response));
  }
  show.step("the third", "was too late: the stream has ended");
}
