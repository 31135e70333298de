/** JSR on loopback: a registry that takes what `deno publish` sends, and serves it to whoever has its address in `JSR_URL`. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";

const DENO = RUNTIMES.find(({ name }) => name === "deno")!;

/** Which package: what `deno.json` says of it. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** A registry with one package, the checkout. `await using` closes it and removes its files. */
export class Registry {
  /** The package's files, as they were uploaded: Deno has put whole specifiers into their imports. */
  readonly files: string;
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, server: Server) {
    this.#folder = folder;
    this.files = join(folder, "files");
    this.#server = server;
  }

  /** Starts a registry, and publishes the checkout to it. */
  static async open(): Promise<Registry> {
    const server = createServer();
    const registry = new Registry(mkdtempSync(join(tmpdir(), "nanostreams-jsr-")), server);
    mkdirSync(registry.files);
    server.on("request", async (request: IncomingMessage, response) => {
      const { status, type, body } = await registry.#answer(request);
      response.writeHead(status, { "content-type": type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // The checks of types are a test of their own, and take most of the time.
    const args = ["publish", "--token=any", "--allow-dirty", "--no-check"];
    const { code, stderr } = await run(DENO.command, args, { cwd: PROJECT, env: registry.env });
    if (code === 0) return registry;
    await registry[Symbol.asyncDispose]();
    throw new Error(`Cannot publish to the registry on loopback: ${stderr}`);
  }

  /** The environment of a newcomer's Deno: this registry, and nothing cached. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      JSR_URL: `http://127.0.0.1:${port}/`,
      DENO_DIR: join(this.#folder, "cache"),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    };
  }

  /** An empty folder for a project, outside of the checkout. */
  project(): string {
    return mkdtempSync(join(this.#folder, "project-"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; type: string; body: string }> {
    const { pathname } = new URL(request.url!, "http://127.0.0.1");
    const json = (value: unknown): { status: number; type: string; body: string } => ({
      status: 200,
      type: "application/json",
      body: JSON.stringify(value),
    });
    if (request.method === "POST") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const tar = await run("tar", ["-xzf", "-"], {
        cwd: this.files,
        input: Buffer.concat(chunks),
      });
      return json({ id: "1", status: tar.code === 0 ? "success" : "failure", error: null });
    }
    if (pathname === "/api/scopes/nanostreams/packages/nanostreams") return json({});
    const isPublished = statSync(join(this.files, "deno.json"), { throwIfNoEntry: false });
    if (isPublished === undefined) return { ...json({}), status: 404 };
    const { name, version, exports } = JSON.parse(this.#read("deno.json")) as Manifest;
    if (pathname === `/${name}/meta.json`) {
      return json({ name, latest: version, versions: { [version]: {} } });
    }
    if (pathname === `/${name}/${version}_meta.json`) {
      return json({ manifest: this.#manifest(), exports });
    }
    const file = this.#list().find((file) => pathname === `/${name}/${version}/${file}`);
    if (file === undefined) return { ...json({}), status: 404 };
    const type = file.endsWith(".ts") ? "application/typescript" : "application/json";
    return { status: 200, type, body: this.#read(file) };
  }

  #list(): string[] {
    return globSync("**/*.*", { cwd: this.files }).map((file) => file.replaceAll("\\", "/"));
  }

  #read(file: string): string {
    return readFileSync(join(this.files, file), "utf8");
  }

  /** Deno refuses a file that is not what its registry says of it. */
  #manifest(): Record<string, { size: number; checksum: string }> {
    return Object.fromEntries(
      this.#list().map((file) => {
        const bytes = readFileSync(join(this.files, file));
        const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
        return [`/${file}`, { size: bytes.length, checksum }];
      }),
    );
  }
}
