import { Settings } from "../config/settings.ts";
import type { Signal } from "../model/signal.ts";
import { Generator } from "./lib/generator.ts";
import { pace, shapeOf, SHAPES, type Waveform, waveform } from "./lib/waveform.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

function create(context: NodeContext): Node {
  const list = context.in.list("signals");
  if (list === undefined) {
    throw context.in.error("signals", 'Missing "in.signals": expected a list');
  }
  const waves: Waveform[] = [];
  const signals: Signal[] = [];
  let mixed = 0;
  for (const item of list) {
    if (item.kind !== "group") throw context.in.wrong("signals", "a list of groups", item);
    const settings = new Settings(item, "in.signals");
    const name = settings.string("signal");
    if (name === undefined) throw settings.error("signal", 'Missing "signal"');
    const shape = shapeOf(name, mixed, SHAPES.length);
    if (shape === undefined) {
      const known = `mixed, ${SHAPES.join(", ")}`;
      throw settings.error("signal", `Unknown signal type: ${name}; there are: ${known}`);
    }
    if (name === "mixed") mixed++;
    waves.push(waveform(shape, (parameter) => settings.number(parameter)));
    signals.push({
      name: settings.string("name") ?? shape,
      unit: settings.string("unit") ?? "",
      type: "float",
    });
  }
  return new Generator(context, signals, waves, pace(context.settings));
}

/** `signal.v2`: floats, each described by itself in `in.signals`. */
export const signalV2: NodeType = { name: "signal.v2", signals: () => [], create };
