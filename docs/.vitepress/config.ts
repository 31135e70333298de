/* The site of the guide. `npm run docs` builds it into `dist/`, `npm run docs:dev` serves it while you write. */

import process from "node:process";
import { linkOnSite, REPOSITORY } from "./repository.ts";
import { SIDEBAR } from "./sidebar.ts";
import { slug } from "./slug.ts";

/** Where the site lies on its server: `/`, or a folder such as `/nanostreams/`. */
const base: string = process.env["DOCS_BASE"] ?? "/";

/** What of markdown-it is used here. */
interface Markdown {
  core: { ruler: { push(name: string, rule: (state: State) => void): void } };
}
interface State {
  tokens: Token[];
  env: { relativePath?: string };
}
interface Token {
  type: string;
  children: Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

const config: object = {
  title: "nanostreams",
  description:
    "The scalability protocols of nanomsg and ZeroMQ as Web Streams, for Deno, Bun, Node and browsers",
  lang: "en",
  base,
  cleanUrls: false,
  lastUpdated: false,
  head: [["link", {
    rel: "icon",
    href: `${base}logo.svg`,
    type: "image/svg+xml",
  }]],
  // The reference is built after the pages.
  ignoreDeadLinks: [/^\/api\//],
  markdown: {
    anchor: { slugify: slug },
    languageAlias: { conf: "hcl" },
    config(markdown: Markdown): void {
      markdown.core.ruler.push(
        "links-into-the-repository",
        ({ tokens, env }) => {
          for (
            const token of tokens.flatMap(({ children }) => children ?? [])
          ) {
            const link = token.type === "link_open" ? token.attrGet("href") : null;
            if (link !== null) {
              token.attrSet("href", linkOnSite(link, env.relativePath ?? ""));
            }
          }
        },
      );
    },
  },
  themeConfig: {
    logo: "/logo.svg",
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Start", link: "/start/node", activeMatch: "^/start/" },
      { text: "Patterns", link: "/patterns/", activeMatch: "^/patterns/" },
      { text: "Command line", link: "/cli", activeMatch: "^/cli" },
      // Made by TypeDoc, and no page of VitePress.
      { text: "API", link: "/api/index.html", target: "_self" },
    ],
    sidebar: SIDEBAR.map((group) => ({
      ...group,
      items: group.items.map(({ text, link }) => ({ text, link: link.replace(/\/index$/, "/") })),
    })),
    socialLinks: [{ icon: "github", link: REPOSITORY }],
    editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path`, text: "Edit this page" },
  },
};

// VitePress wants it so.
export default config;
