import type { PatternCase } from "./patterns.ts";
import type { Stage } from "./stage.ts";
import type { TransportCase } from "./transports.ts";

/** Something that is true of every pattern on every transport, as far as both can do it. */
export interface Check {
  /** What is true, as a sentence. */
  readonly name: string;
  /** Whether it is to be expected of this pattern on this transport; always, if left out. */
  applies?(pattern: PatternCase, transport: TransportCase): boolean;
  /** Fails unless it is true. The stage is closed afterwards. */
  run(stage: Stage): Promise<void>;
}
