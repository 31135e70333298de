import type { Settings } from "../../config/settings.ts";

/** The options that every format has. */
export interface CommonOptions {
  /** Digits of reals, 0 to 31; default 17. */
  readonly precision: number;
  readonly origin: boolean;
  readonly received: boolean;
  readonly sequence: boolean;
  readonly data: boolean;
  readonly offset: boolean;
}

/** Reads the options that every format has. */
export function commonOptions(settings: Settings): CommonOptions {
  return {
    precision: settings.integer("real_precision", 0, 31) ?? 17,
    origin: settings.boolean("ts_origin") ?? true,
    received: settings.boolean("ts_received") ?? true,
    sequence: settings.boolean("sequence") ?? true,
    data: settings.boolean("data") ?? true,
    offset: settings.boolean("offset") ?? true,
  };
}
