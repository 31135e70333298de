import { toInteger, type Value } from "../model/signal.ts";
import type { Hook, HookType } from "./hook.ts";
import { selectSignals } from "./lib/select.ts";

function scaled(value: Value, factor: number, offset: number): Value {
  switch (typeof value) {
    case "number":
      return value * factor + offset;
    case "bigint":
      return toInteger(Number(value) * factor + offset);
    case "boolean":
      return value;
    default:
      return {
        real: Math.fround(value.real * factor + offset),
        imag: Math.fround(value.imag * factor),
      };
  }
}

/** `scale`: value * scale + offset, of some signals. */
export const scale: HookType = {
  name: "scale",
  create({ settings, signals }): Hook {
    const chosen = selectSignals(settings, signals);
    const factor = settings.number("scale") ?? 1;
    const offset = settings.number("offset") ?? 0;
    return {
      process: (sample) => ({
        ...sample,
        values: sample.values.map((value, at) =>
          chosen.has(at) ? scaled(value, factor, offset) : value
        ),
      }),
    };
  },
};
