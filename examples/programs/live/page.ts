// The page that publisher.ts serves: a line for each topic, which shows its latest value.
import { Sub } from "@nanostreams/nanostreams";
import { load } from "./load.ts";

const sub = new Sub({ codec: load, subscribe: "" });
sub.connect(`ws://${location.host}/`); // connects again by itself when the publisher is back
const lines = new Map<string, string>();
for await (const { topic, value } of sub) {
  const figure = value.percent.toFixed(1).padStart(5);
  lines.set(topic, `${topic.padEnd(10)} ${figure} % ${"█".repeat(value.percent / 2)}`);
  document.querySelector("pre")!.textContent = [...lines.values()].join("\n");
}
