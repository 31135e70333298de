/** Links of README, the guide and the repository's other pages lead somewhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { slug } from "../../docs/.vitepress/slug.ts";
import { guidePages, otherPages, type Page, parsePage, problemOf, readPage } from "./markdown.ts";

const pages = new Map(
  [...guidePages(), ...otherPages()].map((path) => [path, readPage(path)]),
);

function anchorsOf(path: string): Set<string> {
  return (pages.get(path) ?? readPage(path)).anchors;
}

function problems(page: Page): string[] {
  return page.links
    .flatMap((link) => {
      const problem = problemOf(link, anchorsOf);
      return problem === undefined ? [] : [`${link.page}:${link.line}: ${link.target} ${problem}`];
    });
}

test("links lead to pages, headings and files that are there", () => {
  assert.ok(pages.size > 20);
  assert.deepEqual([...pages.values()].flatMap(problems), []);
});

test("links to other sites are https, and to hosts that somebody has looked at", () => {
  const links = [...pages.values()].flatMap(({ links }) => links).filter((
    { target },
  ) => /^[a-z]+:/.test(target));
  const plain = links.filter(({ target }) => !/^(https:|mailto:)/.test(target));
  assert.deepEqual(
    plain.map(({ page, line, target }) => `${page}:${line}: ${target}`),
    [],
  );
  // To be looked at once when it changes: nothing here fetches them.
  const hosts = new Set(
    links.map(({ target }) => new URL(target).host).filter((host) => host),
  );
  assert.deepEqual(
    [...hosts].filter((host) => !KNOWN.includes(host)).sort(),
    [],
  );
});

const KNOWN: readonly string[] = [
  "arktype.io",
  "bun.sh",
  "datatracker.ietf.org",
  "deno.com",
  "developer.mozilla.org",
  "developers.cloudflare.com",
  "docs.deno.com",
  "docs.nats.io",
  "github.com",
  "hono.dev",
  "jsr.io",
  "keepachangelog.com",
  "mqtt.org",
  "nanomsg.org",
  "nats.io",
  "nng.nanomsg.org",
  "nodejs.org",
  "opentelemetry.io",
  "prometheus.io",
  "pynng.readthedocs.io",
  "reactnative.dev",
  "rfc.zeromq.org",
  "semver.org",
  "standardschema.dev",
  "valibot.dev",
  "villas.fein-aachen.org",
  "www.contributor-covenant.org",
  "www.electronjs.org",
  "www.jsonrpc.org",
  "www.npmjs.com",
  "zeromq.github.io",
  "zeromq.org",
  "zguide.zeromq.org",
  "zod.dev",
];

test("a link that leads nowhere is found", () => {
  const page = parsePage(
    "docs/x.md",
    "# Title\n\n[a](no.md) [b](#no) [c](../no.ts) [d](#title)\n",
  );
  const found = page.links.map((link) => problemOf(link, () => page.anchors));
  assert.equal(found.filter((problem) => problem !== undefined).length, 4); // docs/x.md itself is not there
});

test("anchors are those that GitHub makes, and the site", () => {
  assert.equal(
    slug("What is guaranteed, and what isn't"),
    "what-is-guaranteed-and-what-isnt",
  );
  assert.equal(slug("PUB/SUB: 2 rows"), "pubsub-2-rows");
  const { anchors } = parsePage(
    "x.md",
    "# A\n## `b c`\n## A\n```\n# no\n```\n",
  );
  assert.deepEqual([...anchors], ["a", "b-c", "a-1"]);
});
