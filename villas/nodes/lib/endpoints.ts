import { ConfigError, type GroupSetting } from "../../config/setting.ts";
import type { Settings } from "../../config/settings.ts";

/**
 * The endpoints of a direction: one, or several.
 *
 * @param settings Those of the direction.
 * @param key What they are called there.
 * @param problem What VILLASnode says if they are something else.
 */
export function endpoints(settings: Settings, key: string, problem: string): string[] {
  const setting = settings.get(key);
  try {
    return settings.strings(key) ?? [];
  } catch (cause) {
    if (!(cause instanceof ConfigError) || setting === undefined) throw cause;
    const wanted = "expected a string, or a list of strings";
    throw new ConfigError(setting.at, `${problem}: ${wanted}`, { cause });
  }
}

/** Whether connecting to one address reaches what is bound to the other. */
function reaches(connected: string, bound: string): boolean {
  if (connected === bound) return true;
  const parts = /^(\w+:\/\/)([^/]*):(\d+)(\/.*)?$/;
  const [from, to] = [parts.exec(connected), parts.exec(bound)];
  if (from === null || to === null || from[1] !== to[1] || from[3] !== to[3]) return false;
  return from[2] === to[2] || to[2] === "*" || to[2] === "0.0.0.0";
}

/** How many of the addresses to connect to are of those that are bound. */
export function countReached(connected: readonly string[], bound: readonly string[]): number {
  return connected.filter((address) => bound.some((one) => reaches(address, one))).length;
}

/** Binds or connects a node's socket; an error says whose and where. */
export async function open<T>(
  type: string,
  address: string,
  act: () => T | Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const text = `Failed to connect ${type} socket to endpoint ${address}: ${reason}`;
    throw new Error(text, { cause });
  }
}

/**
 * A node's settings with the one address in and the one address out swapped.
 *
 * @param settings Those of the node.
 * @param inKey What the addresses are called in `in`.
 * @param outKey What they are called in `out`.
 */
export function reverseEndpoints(
  settings: Settings,
  inKey: string,
  outKey: string,
): GroupSetting {
  const [input, output] = [settings.settings("in"), settings.settings("out")];
  const lengths = [input?.strings(inKey)?.length ?? 0, output?.strings(outKey)?.length ?? 0];
  if (lengths.some((length) => length !== 1)) {
    const got = `got ${lengths[0]} in and ${lengths[1]} out`;
    throw settings.error("in", `Cannot reverse this node: expected one endpoint each, ${got}`);
  }
  const [from, to] = [input!.get(inKey)!, output!.get(outKey)!];
  const entries = new Map(settings.group.entries);
  entries.set("in", { ...input!.group, entries: new Map(input!.group.entries).set(inKey, to) });
  entries.set("out", {
    ...output!.group,
    entries: new Map(output!.group.entries).set(outKey, from),
  });
  return { ...settings.group, entries };
}
