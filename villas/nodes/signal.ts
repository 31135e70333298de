import { numberOf, type Settings } from "../config/settings.ts";
import type { Signal } from "../model/signal.ts";
import { Generator } from "./lib/generator.ts";
import { pace, type Parameter, type Shape, shapeOf, SHAPES, waveform } from "./lib/waveform.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

/** `mixed` of this node-type ends before the pulse. */
const MIXED_KINDS = SHAPES.length - 1;

/** The shapes of all values: one name for all of them, or a list with one for each. */
function shapes(settings: Settings): { name: string; shape: Shape }[] {
  const names = settings.strings("signal");
  if (names === undefined) throw settings.error("signal", 'Missing "signal"');
  const isList = settings.get("signal")!.kind === "list";
  const count = settings.integer("values", 1) ?? names.length;
  if (isList && count !== names.length) {
    throw settings.wrong("values", `${names.length}, as many as "signal"`, settings.get("values")!);
  }
  return Array.from({ length: count }, (_, at) => {
    const name = isList ? names[at]! : names[0]!;
    const shape = shapeOf(name, at, MIXED_KINDS);
    if (shape === undefined) {
      throw settings.error(
        "signal",
        `Unknown signal type: ${name}; there are: mixed, ${SHAPES.join(", ")}`,
      );
    }
    return { name: shape, shape };
  });
}

/** A parameter of one value: the same for all, or one from a list. */
function parameter(settings: Settings, name: Parameter, at: number): number | undefined {
  const setting = settings.get(name);
  if (setting === undefined || setting.kind !== "list") return settings.number(name);
  const item = setting.items[at];
  const value = item && numberOf(item);
  if (value === undefined) throw settings.wrong(name, "a number for each value", item ?? setting);
  return value;
}

function create(context: NodeContext): Node {
  const { settings } = context;
  const all = shapes(settings);
  const waves = all.map(({ shape }, at) =>
    waveform(shape, (name) => parameter(settings, name, at))
  );
  const signals: Signal[] = all.map(({ name }) => ({ name, unit: "", type: "float" }));
  return new Generator(context, signals, waves, pace(settings));
}

/** `signal`: one or more floats of a given shape. */
export const signal: NodeType = { name: "signal", create };
