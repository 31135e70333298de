import assert from "node:assert/strict";
import { test } from "node:test";
import { Surveyor } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { C_PEERS } from "./c_peers.ts";

for (const { name, skip, start } of C_PEERS) {
  test(
    `what ${name} answers to a survey that is over is dropped and counted, and does not answer the next one`,
    { skip },
    async () => {
      await using surveyor = new Surveyor();
      const events = new EventLog(surveyor);
      const { address } = await surveyor.bind("tcp://127.0.0.1:0");
      // It takes two surveys, and answers the second one first.
      await using _respondent = start("reverse-survey", "connect", address, 2);
      await surveyor.peers(1);
      for await (const _ of surveyor.survey("first", { deadline: 10 })) {
        assert.fail("Nobody answers");
      }

      const answers: string[] = [];
      const survey = surveyor.survey("second", { deadline: 20_000 });
      const late = events.next("dropped");
      for await (const answer of survey) {
        answers.push(text(answer));
        await late;
        break;
      }
      assert.deepEqual(answers, ["second"]);
      const { reason, count } = await late;
      assert.deepEqual({ reason, count }, { reason: "late", count: 1 });
    },
  );

  test(
    `100 surveys at once are answered by each of three ${name} RESPONDENTs`,
    { skip },
    async () => {
      await using surveyor = new Surveyor();
      const { address } = await surveyor.bind("tcp://127.0.0.1:0");
      await using _one = start("reverse-survey", "connect", address, 100);
      await using _two = start("reverse-survey", "connect", address, 100);
      await using _three = start("reverse-survey", "connect", address, 100);
      await surveyor.peers(3);
      await Promise.all(Array.from({ length: 100 }, async (_, index) => {
        const answers: string[] = [];
        for await (const answer of surveyor.survey(`survey ${index}`, { deadline: 20_000 })) {
          if (answers.push(text(answer)) === 3) break;
        }
        assert.deepEqual(answers, Array(3).fill(`survey ${index}`));
      }));
    },
  );
}
