import {
  DEFAULT_SIGNALS,
  parseDtypes,
  type Signal,
  signals,
  type SignalType,
  type Value,
} from "../model/signal.ts";
import { ConfigError, type Setting } from "./setting.ts";
import { numberOf, Settings } from "./settings.ts";

const TYPES = ["float", "integer", "boolean", "complex"] as const;

/**
 * The signals that a setting describes: a list of groups, a group with `count`, or a dtype string. Without one, 64
 * floats.
 */
export function parseSignals(setting: Setting | undefined): readonly Signal[] {
  switch (setting?.kind) {
    case undefined:
      return DEFAULT_SIGNALS;
    case "list":
      return setting.items.map(one);
    case "group":
      return many(new Settings(setting, "signals"));
    case "string": {
      const parsed = parseDtypes(setting.value);
      if (parsed !== undefined) return parsed;
    }
  }
  const wanted = 'a list of signals, a group with "count", or a text such as "2f1i"';
  throw new ConfigError(setting!.at, `Invalid "signals": expected ${wanted}`);
}

function many(settings: Settings): Signal[] {
  const count = settings.integer("count", 1, 65_536);
  if (count === undefined) throw settings.error("count", 'Missing "signals.count"');
  const type = settings.oneOf("type", TYPES) ?? "float";
  const unit = settings.string("unit") ?? "";
  const init = initOf(settings, type);
  return signals(count, type, settings.string("name") ?? "signal")
    .map((signal) => ({ ...signal, unit, ...init }));
}

function one(item: Setting, at: number): Signal {
  if (item.kind !== "group") {
    throw new ConfigError(item.at, `Invalid "signals": expected a group for each signal`);
  }
  const settings = new Settings(item, `signals[${at}]`);
  const type = settings.oneOf("type", TYPES) ?? "float";
  return {
    name: settings.string("name") ?? `signal${at}`,
    unit: settings.string("unit") ?? "",
    type,
    ...initOf(settings, type),
  };
}

function initOf(settings: Settings, type: SignalType): { init?: Value } {
  const setting = settings.get("init");
  if (setting === undefined) return {};
  const number = numberOf(setting);
  if (type === "float" && number !== undefined) return { init: number };
  if (type === "integer" && setting.kind === "integer") return { init: setting.value };
  if (type === "boolean" && setting.kind === "boolean") return { init: setting.value };
  if (type === "complex" && setting.kind === "group") {
    const parts = new Settings(setting, "init");
    return { init: { real: parts.number("real") ?? 0, imag: parts.number("imag") ?? 0 } };
  }
  throw settings.wrong("init", `a value of the type ${type}`, setting);
}
