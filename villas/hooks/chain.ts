import { ConfigError, type Setting } from "../config/setting.ts";
import { Settings } from "../config/settings.ts";
import type { Sample } from "../model/sample.ts";
import type { Signal } from "../model/signal.ts";
import type { Hook, HookContext, HookType } from "./hook.ts";
import { BUILTIN, HOOK_TYPES } from "./table.ts";

const DEFAULT_PRIORITY = 99;

interface Planned {
  readonly type: HookType;
  readonly settings: Settings;
  readonly priority: number;
}

/** Some hooks, one after the other. */
export class HookChain {
  /** What comes out of the last one. */
  readonly signals: readonly Signal[];
  readonly #hooks: readonly Hook[];

  private constructor(hooks: readonly Hook[], signals: readonly Signal[]) {
    this.#hooks = hooks;
    this.signals = signals;
  }

  /** The hooks of a list of settings, by priority, and those that are built in. */
  static async create(
    list: readonly Setting[],
    builtin: boolean,
    context: Omit<HookContext, "settings">,
  ): Promise<HookChain> {
    let { signals } = context;
    const hooks: Hook[] = [];
    for (const { type, settings } of plan(list, builtin)) {
      const hook = await type.create({ ...context, settings, signals });
      signals = hook.signals ?? signals;
      hooks.push(hook);
    }
    return new HookChain(hooks, signals);
  }

  /** Sends samples through; returns those that are left. */
  process(samples: readonly Sample[]): readonly Sample[] {
    if (this.#hooks.length === 0) return samples;
    const kept: Sample[] = [];
    for (const sample of samples) {
      const result = this.#one(sample);
      if (result !== undefined) kept.push(result);
    }
    return kept;
  }

  #one(sample: Sample): Sample | undefined {
    let current: Sample | undefined = sample;
    let isNew = false;
    for (const hook of this.#hooks) {
      // By the sample itself, or by the hook before.
      if (current.newSimulation && !isNew) {
        isNew = true;
        for (const one of this.#hooks) one.restart?.();
      }
      current = hook.process(current);
      if (current === undefined) return undefined;
    }
    return current;
  }

  /** Lets go of everything. */
  async stop(): Promise<void> {
    for (const hook of this.#hooks) await hook.stop?.();
  }
}

/** Checks a list of hooks, and sorts it. */
function plan(list: readonly Setting[], builtin: boolean): Planned[] {
  const planned = builtin ? BUILTIN.map((type) => planOf(type, none(type.name))) : [];
  for (const item of list) {
    const settings = item.kind === "group" ? new Settings(item, "hooks") : none("hooks");
    const name = item.kind === "string" ? item.value : settings.string("type");
    if (name === undefined || (item.kind !== "string" && item.kind !== "group")) {
      throw new ConfigError(item.at, 'Invalid hook: expected a name, or a group with "type"');
    }
    const type = HOOK_TYPES.find((one) => one.name === name);
    if (type === undefined) {
      const known = HOOK_TYPES.map((one) => one.name).join(", ");
      throw new ConfigError(item.at, `Unknown hook: ${name}; there are: ${known}`);
    }
    if (settings.boolean("enabled") ?? true) planned.push(planOf(type, settings));
  }
  return planned.sort((a, b) => a.priority - b.priority);
}

function planOf(type: HookType, settings: Settings): Planned {
  const priority = settings.integer("priority") ?? type.priority ?? DEFAULT_PRIORITY;
  return { type, settings, priority };
}

function none(path: string): Settings {
  return new Settings({
    kind: "group",
    at: { file: "", line: 0, column: 0 },
    entries: new Map(),
  }, path);
}
