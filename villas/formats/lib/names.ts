import type { Signal } from "../../model/signal.ts";

/** The place of a signal: by its name, or by its number in `signal_3`. */
export function placeOf(name: string, signals: readonly Signal[]): number | undefined {
  const at = signals.findIndex((signal) => signal.name === name);
  if (at >= 0) return at;
  const number = /^signal_(\d{1,5})$/.exec(name)?.[1];
  return number !== undefined && Number(number) < signals.length ? Number(number) : undefined;
}
