import { sleep } from "./member.ts";
import { readRecord } from "./record.ts";

/** Resolves when records grow no more. */
export async function noMoreComes(records: readonly string[]): Promise<void> {
  let before = -1;
  for (let tries = 0; tries < 50; tries++) {
    const now = records.reduce((sum, path) => sum + Array.from(readRecord(path)).length, 0);
    if (now === before) return;
    before = now;
    await sleep(300);
  }
}

/** Which numbers never came, how many came again, and how many were never sent. */
export function tallied(records: readonly string[], accepted: number): {
  missing: number[];
  twice: number;
  alien: number;
} {
  const times = new Uint8Array(accepted + 1);
  let twice = 0;
  let alien = 0;
  for (const path of records) {
    for (const entry of readRecord(path)) {
      const number = entry?.number ?? 0;
      if (number < 1 || number > accepted) alien++;
      else if (times[number]!++ > 0) twice++;
    }
  }
  const missing: number[] = [];
  for (let number = 1; number <= accepted; number++) if (times[number] === 0) missing.push(number);
  return { missing, twice, alien };
}
