import type { Finding, Part, Runtime } from "./part.ts";

/** The short form of some scenarios of a part, on one runtime, as the tests run it; the seed is always the same. */
export async function shortly(
  part: Part,
  runtime: Runtime,
  ...scenarios: string[]
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const plan = {
    runtimes: [runtime],
    seed: 1,
    short: true,
    inputs: 2000,
    faults: 5,
    minutes: 0.05,
    others: [],
    tell: () => {},
    ...(scenarios.length > 0 && { scenarios }),
  };
  for await (const finding of part.run(plan)) findings.push(finding);
  return findings;
}
