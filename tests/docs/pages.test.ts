/** The guide is whole: its pages are in the sidebar, its pictures are drawn. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SIDEBAR } from "../../docs/.vitepress/sidebar.ts";
import { drawnPictures, writtenPictures } from "../../scripts/build_docs_pictures.ts";
import { guidePages, readPage } from "./markdown.ts";

const entries = SIDEBAR.flatMap(({ items }) => items).map(({ link }) => `docs${link}.md`);

test("every page is in the sidebar, once", () => {
  const pages = guidePages().filter((path) => path !== "docs/index.md");
  assert.deepEqual(pages.filter((path) => !entries.includes(path)), []);
  assert.equal(new Set(entries).size, entries.length);
});

test("every entry of the sidebar has a page", () => {
  const pages = new Set(guidePages());
  assert.deepEqual(entries.filter((path) => !pages.has(path)), []);
});

test("every page but the first begins with a title", () => {
  for (const path of guidePages().filter((path) => path !== "docs/index.md")) {
    assert.ok(readPage(path).anchors.size > 0, path);
  }
});

test("pictures are as their descriptions say: npm run docs:pictures", () => {
  const [drawn, written] = [drawnPictures(), writtenPictures()];
  assert.deepEqual([...written.keys()].sort(), [...drawn.keys()].sort());
  for (const [name, text] of drawn) assert.equal(written.get(name), text, name);
});

test("pictures say what they show, and every picture is on a page", () => {
  const targets = new Set(
    guidePages().flatMap((path) => readPage(path).links).map(({ target }) => target),
  );
  for (const [name, text] of drawnPictures()) {
    assert.match(text, /<title>[^<]{20,}<\/title>/, name);
    assert.ok(targets.has(`/pictures/${name}`), `no page shows ${name}`);
  }
});
