import { cast } from "./cast.ts";
import { decimate } from "./decimate.ts";
import { drop } from "./drop.ts";
import { fix } from "./fix.ts";
import type { HookType } from "./hook.ts";
import { limitRate } from "./limit_rate.ts";
import { print } from "./print.ts";
import { restart } from "./restart.ts";
import { scale } from "./scale.ts";
import { skipFirst } from "./skip_first.ts";

/** All hooks. */
export const HOOK_TYPES: readonly HookType[] = [
  cast,
  decimate,
  drop,
  fix,
  limitRate,
  print,
  restart,
  scale,
  skipFirst,
];

/** Those that every node has for what it reads, unless `builtin` is false. */
export const BUILTIN: readonly HookType[] = [fix, restart, drop];
