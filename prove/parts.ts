import type { Part } from "./lib/part.ts";
import { crowd } from "./crowd/crowd.ts";
import { faults } from "./faults/faults.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { limits } from "./limits/limits.ts";
import { partition } from "./partition/partition.ts";
import { soak } from "./soak/soak.ts";

/** All parts, in the order in which they run. */
export const parts: readonly Part[] = [fuzz, faults, partition, crowd, limits, soak];
