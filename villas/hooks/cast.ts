import { cast as castValue, type Signal } from "../model/signal.ts";
import type { Hook, HookType } from "./hook.ts";
import { selectSignals } from "./lib/select.ts";

const TYPES = ["float", "integer", "boolean", "complex"] as const;

/** `cast`: another type, name or unit of some signals. */
export const cast: HookType = {
  name: "cast",
  create({ settings, signals }): Hook {
    const chosen = selectSignals(settings, signals);
    const type = settings.oneOf("new_type", TYPES);
    const name = settings.string("new_name");
    const unit = settings.string("new_unit");
    const renamed = signals.map((signal, at): Signal => {
      if (!chosen.has(at)) return signal;
      return { name: name ?? signal.name, unit: unit ?? signal.unit, type: type ?? signal.type };
    });
    return {
      signals: renamed,
      process: (sample) => ({
        ...sample,
        signals: renamed,
        values: sample.values.map((value, at) =>
          chosen.has(at) && type !== undefined ? castValue(value, type) : value
        ),
      }),
    };
  },
};
