/* Hands over to the gateway's tools. */
import { runVillas } from "../../villas/main.ts";
import type { Invocation } from "../invocation.ts";

/** Runs a tool. */
export function run({ operands }: Invocation): Promise<number> {
  return runVillas(operands);
}
