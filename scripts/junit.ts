// Reads the JUnit reports of `deno test`, `bun test` and `node --test-reporter=junit`. Counted are tests, not the suites or tests that
// contain them, which Deno reports too, as a test case of their own.

export interface Report {
  passed: number;
  /** The name of each test that failed. */
  failed: string[];
  /** The reason of each skip; empty from Deno and Bun, which do not report it. */
  skipped: string[];
}

const OPENING_TAG = /<testcase((?:\s+[\w-]+="[^"]*")*)\s*(\/?)>/g;

export function readReport(xml: string): Report {
  const report: Report = { passed: 0, failed: [], skipped: [] };
  const tags = [...xml.matchAll(OPENING_TAG)];
  const names = tags.map(([, attributes = ""]) => attribute(attributes, "name"));
  for (const [index, tag] of tags.entries()) {
    const name = names[index] ?? "";
    if (names.some((other) => other.startsWith(`${name} > `))) continue;
    const selfClosed = tag[2] === "/";
    const body = selfClosed ? "" : xml.slice(tag.index + tag[0].length, tags[index + 1]?.index);
    const skipped = body.match(/<skipped([^>]*)>/);
    if (/<(failure|error)\b/.test(body)) report.failed.push(name);
    else if (skipped) report.skipped.push(attribute(skipped[1] ?? "", "message"));
    else report.passed++;
  }
  return report;
}

function attribute(attributes: string, name: string): string {
  const value = attributes.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? "";
  return value.replace(
    /&(lt|gt|quot|apos|amp|#\d+);/g,
    (_, entity: string) => ENTITIES[entity] ?? String.fromCodePoint(Number(entity.slice(1))),
  );
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
