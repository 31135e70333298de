/** What a stranger does: one command that installs the package, two files, two processes. */

import assert from "node:assert/strict";
import { readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { freePort } from "../conformance/transports.ts";
import { NODE } from "../browser/package.ts";
import { start } from "../helpers/process.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import { install, MATRIX, PATIENCE, Project, SKIP } from "./project.ts";
import { type Registry, serveRegistry } from "./registry.ts";
import { MANAGERS, PNPM } from "./versions.ts";

/** The two files that README begins with, as people copy them. */
function fromReadme(name: string): string {
  const readme = readFileSync(join(PROJECT, "README.md"), "utf8");
  const [, code] = readme.split(`\`\`\`js\n// ${name}\n`)[1]?.match(/^([^]*?)\`\`\`/) ?? [];
  assert.ok(code !== undefined, `README has no ${name}`);
  return code;
}

const PUBLISHER = fromReadme("publisher.mjs");
const SUBSCRIBER = fromReadme("subscriber.mjs");

/** A way to install the package, to run a file with it, and to run its command line without having installed it. */
interface Way {
  /** Commands as people copy them. */
  readonly install: readonly string[];
  readonly run: string;
  readonly once: string;
}

const WAYS: Readonly<Record<string, Way>> = {
  npm: {
    install: ["npm install @nanostreams/nanostreams"],
    run: "node",
    once: "npx --yes @nanostreams/nanostreams",
  },
  pnpm: {
    install: ["pnpm add @nanostreams/nanostreams"],
    run: "node",
    once: "pnpm dlx @nanostreams/nanostreams",
  },
  Yarn: {
    install: ["yarn init --yes", "yarn add @nanostreams/nanostreams"],
    run: "yarn node",
    once: "yarn dlx @nanostreams/nanostreams",
  },
  Bun: {
    install: ["bun add @nanostreams/nanostreams"],
    run: "bun",
    once: "bunx @nanostreams/nanostreams",
  },
  Deno: {
    install: ["deno add npm:@nanostreams/nanostreams"],
    run: "deno run --allow-net",
    once: "deno run -A npm:@nanostreams/nanostreams",
  },
};

/** Has the package managers, and the tarball. */
let tools: Project;
let registry: Registry;

if (!SKIP) {
  before(async () => {
    // What `npm test` tells its children would come before what a stranger's home says.
    for (const name of Object.keys(process.env)) {
      if (/^npm_/i.test(name)) delete process.env[name];
    }
    tools = await install(MANAGERS);
    registry = await serveRegistry(tools.tarball);
  }, { timeout: PATIENCE });
  after(async () => {
    await registry?.[Symbol.asyncDispose]();
    tools?.remove();
  });
}

/** A stranger: a folder, a home, and the programs that are installed. */
class Stranger extends Project {
  readonly env: Readonly<Record<string, string>>;

  constructor() {
    super();
    this.write("home/.npmrc", `registry=${registry.address}\n`);
    const path = [
      tools.path("node_modules", ".bin"),
      tools.path("node_modules", PNPM),
      dirname(NODE),
      dirname(realpathSync(NODE)),
    ];
    this.env = {
      HOME: this.path("home"),
      PATH: [...path, process.env["PATH"]].join(delimiter),
      NO_COLOR: "1",
      // Yarn reads no .npmrc.
      YARN_NPM_REGISTRY_SERVER: registry.address.replace(/\/$/, ""),
      YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
      YARN_ENABLE_TELEMETRY: "0",
    };
  }

  /** Runs a command line in the folder of a project. */
  async shell(folder: string, line: string): Promise<string> {
    const [command = "", ...args] = line.split(" ");
    this.write(join(folder, ".gitkeep"), "");
    return await this.run(command, args, { cwd: this.path(folder), env: this.env });
  }
}

for (const [name, way] of Object.entries(WAYS)) {
  test(`with ${name}, two processes exchange a message after one command`, MATRIX, async () => {
    const stranger = new Stranger();
    try {
      for (const line of way.install) await stranger.shell("weather", line);
      const { host, port } = await freePort();
      const files = { "publisher.mjs": PUBLISHER, "subscriber.mjs": SUBSCRIBER };
      for (const [file, code] of Object.entries(files)) {
        stranger.write(`weather/${file}`, code.replace("127.0.0.1:5555", `${host}:${port}`));
      }
      const [command = "", ...args] = way.run.split(" ");
      const options = { cwd: stranger.path("weather"), env: stranger.env };
      await using publisher = start(command, [...args, "publisher.mjs"], options);
      await using subscriber = start(command, [...args, "subscriber.mjs"], options);
      const { code, stdout, stderr } = await subscriber.finished();
      assert.deepEqual([code, stdout.toString(), stderr], [0, "weather: rain\n", ""]);
      assert.equal((await publisher.finished()).code, 0);
    } finally {
      stranger.remove();
    }
  });

  test(`with ${name}, the command line runs without being installed`, MATRIX, async () => {
    const stranger = new Stranger();
    try {
      const printed = await stranger.shell("elsewhere", `${way.once} --version`);
      assert.match(printed, /^\d+\.\d+\.\d+$/m);
    } finally {
      stranger.remove();
    }
  });
}
