import type { PartResult } from "./results.ts";
export async function drawPart(_part: PartResult): Promise<string> {
  return await Promise.resolve("");
}
