import { Sub } from "../../mod.ts";
import { Gateway } from "../../villas/mod.ts";
import { show, text } from "./show.ts";

/** The VILLASnode gateway: test signals of a configuration, as messages to any subscriber. */
export async function villas(): Promise<void> {
  show.pattern("VILLASnode", "inproc", "samples of a laboratory, as VILLASnode has them");
  const waves = { type: "signal", signal: ["counter", "square"], rate: 100 };
  const lab = { type: "nanomsg", out: { endpoints: "inproc://lab", peers: 1 } };
  await using gateway = new Gateway({
    nodes: { waves, lab },
    paths: [{ in: "waves", out: "lab" }],
  });
  await gateway.start();
  await using sub = new Sub({ subscribe: "" });
  sub.connect("inproc://lab");
  show.step("subscriber got", text(await sub.receive()).replace(/"ts": .*?}, /, ""));
}
