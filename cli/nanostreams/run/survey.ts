/* SURVEYOR: asks everybody, one survey after the other, and prints the answers. */
import { EXIT } from "../ends.ts";
import { defined } from "../options.ts";
import { audience, eachMessage } from "./sending.ts";
import type { Talk } from "./socket.ts";

/** Asks everybody. Returns the exit status. */
export async function talk(given: Talk): Promise<number> {
  const { conversation, invocation: { flags }, printer, report, stop } = given;
  const expect = flags.number("expect");
  const options = defined({ deadline: flags.number("deadline"), expect });
  const limit = flags.number("count") ?? Infinity;
  if (!await audience(given, stop)) return EXIT.ok;
  let isShort = false;
  await eachMessage(given, stop, { limit }, async (message) => {
    let answers = 0;
    for await (const answer of conversation.survey!(message, options)) {
      answers++;
      await printer.print(answer);
    }
    if (answers < (expect ?? 1)) isShort = true;
    report.done++;
  });
  return isShort ? EXIT.unanswered : EXIT.ok;
}
