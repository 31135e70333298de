/** What GitHub reads in `.github/`: workflows that run what is there, with no more rights than they need, and forms for issues. */

import assert from "node:assert/strict";
import { accessSync, constants, existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: object;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly { type: string; id?: string; attributes: { label?: string } }[];
}

/** YAML as Bun reads it, which has a parser built in: the other two runtimes, and `node_modules`, have none. */
async function readYaml<Content>(path: string): Promise<Content> {
  const bun = RUNTIMES.find(({ name }) => name === "bun")!.command;
  const program = "console.log(JSON.stringify(Bun.YAML.parse(await Bun.stdin.text())))";
  const input = readFileSync(join(PROJECT, path), "utf8");
  const { stdout, stderr } = await run(bun, ["-e", program], { input });
  assert.notEqual(stdout.length, 0, stderr);
  return JSON.parse(stdout.toString()) as Content;
}

const list = (pattern: string): string[] =>
  globSync(pattern, { cwd: PROJECT }).map((path) => path.replaceAll("\\", "/"));

const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
const workflows = list(".github/workflows/*.yml");
const forms = list(".github/ISSUE_TEMPLATE/*.yml").filter((path) => !path.endsWith("/config.yml"));

test("there are workflows for tests and for publishing, and forms for bugs and ideas", () => {
  const names = [...workflows, ...forms].map((path) => path.replace(/^.*\//, ""));
  assert.deepEqual(names.sort(), ["bug.yml", "ci.yml", "idea.yml", "publish.yml"]);
});

for (const path of workflows) {
  test(`${path} may read the repository, and get a token where it publishes`, async () => {
    const { permissions, jobs } = await readYaml<Workflow>(path);
    assert.deepEqual(permissions, { contents: "read" });
    for (const [name, job] of Object.entries(jobs)) {
      const publishes = ["jsr", "npm"].includes(name);
      const wanted = publishes ? { contents: "read", "id-token": "write" } : undefined;
      assert.deepEqual(job.permissions, wanted, name);
    }
  });

  test(`${path} runs scripts that exist, and actions by their tags`, async () => {
    const { jobs } = await readYaml<Workflow>(path);
    for (const { uses, steps = [] } of Object.values(jobs)) {
      if (uses !== undefined) assert.ok(existsSync(join(PROJECT, uses)), uses);
      for (const step of steps) {
        if (step.uses !== undefined) assert.match(step.uses, /^actions\/[a-z-]+@v\d+$/);
        const [, named] = /^npm (?:run )?([a-z:-]+)/.exec(step.run ?? "") ?? [];
        if (named !== undefined && named !== "publish") {
          assert.ok(named in scripts, `package.json has no script "${named}"`);
        }
        const [, program] = /^(?:node )?(\.ci\/run|scripts\/\S+)/.exec(step.run ?? "") ?? [];
        if (program !== undefined) accessSync(join(PROJECT, program), constants.R_OK);
      }
    }
  });
}

for (const path of forms) {
  test(`${path} is a form that GitHub can show`, async () => {
    const { name, description, body } = await readYaml<Form>(path);
    assert.ok(name !== "" && description !== "");
    const fields = body.filter(({ type }) => type !== "markdown");
    assert.ok(fields.length > 0);
    for (const { type, id, attributes } of fields) {
      assert.match(type, /^(?:input|textarea|dropdown|checkboxes)$/);
      assert.match(id ?? "", /^[a-z]+$/);
      assert.ok((attributes.label ?? "") !== "", id);
    }
    assert.equal(new Set(fields.map(({ id }) => id)).size, fields.length);
  });
}

test("the form for bugs asks for versions, and for what was on the wire", async () => {
  const text = JSON.stringify(await readYaml<Form>(".github/ISSUE_TEMPLATE/bug.yml"));
  for (const asked of ["nanostreams decode", "deno --version", "bun --version", "node --version"]) {
    assert.ok(text.includes(asked), asked);
  }
});

test("every link in the forms is absolute", async () => {
  for (const path of [...forms, ".github/ISSUE_TEMPLATE/config.yml"]) {
    const text = JSON.stringify(await readYaml<object>(path));
    const links = [...text.matchAll(/(?<=\]\(|"url":")[^")]*/g)];
    for (const [link] of links) assert.match(link, /^https:\/\//);
  }
});
