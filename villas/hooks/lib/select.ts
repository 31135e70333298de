import type { Settings } from "../../config/settings.ts";
import type { Signal } from "../../model/signal.ts";

/**
 * The places of the signals that `signal` or `signals` names.
 *
 * @throws {ConfigError} If there is none of such a name.
 */
export function selectSignals(settings: Settings, signals: readonly Signal[]): ReadonlySet<number> {
  const key = settings.get("signal") === undefined ? "signals" : "signal";
  const names = settings.strings(key);
  if (names === undefined || names.length === 0) {
    throw settings.error(key, 'Missing "signal": expected the name of a signal');
  }
  return new Set(names.map((name) => {
    const at = signals.findIndex((signal) => signal.name === name);
    if (at >= 0) return at;
    const known = signals.map((signal) => signal.name).join(", ");
    throw settings.error(key, `Failed to find signal ${name}; there are: ${known}`);
  }));
}
