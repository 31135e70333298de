import { Req } from "../../mod.ts";
import type { Other } from "./other.ts";
import { show, take, text } from "./show.ts";

/** REQ asks, REP answers: one by one, many at once, and as a transform between two streams. */
export async function reqrep(other: Other): Promise<void> {
  show.pattern("REQ ↔ REP", "tcp", "asks and is answered");
  await using req = new Req();
  const { address } = await req.bind("tcp://127.0.0.1:0");
  await other.play("upper", address);
  show.step("we asked", '"hello"');
  show.step("they answered", JSON.stringify(text(await req.request("hello"))));

  const many = Array.from({ length: 1000 }, (_, i) => req.request(`question ${i}`));
  show.step("at once", `${(await Promise.all(many)).length} requests in flight, all answered`);

  const questions = new ReadableStream<string>({
    start(controller) {
      for (const word of ["one", "two", "three"]) controller.enqueue(word);
      controller.close();
    },
  });
  const answers = await take(questions.pipeThrough(req), 3);
  show.step("as a stream", `questions.pipeThrough(req) gave ${answers.join(", ")}`);
}
