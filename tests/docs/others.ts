/** Examples of other libraries, for comparison: they are not run, but are what their language takes. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findPeer } from "../helpers/peers.ts";
import { run } from "../helpers/process.ts";
import { PROJECT } from "../helpers/runtimes.ts";

/** Which headers the functions of a library need. */
const HEADERS: readonly (readonly [prefix: RegExp, folder: string, headers: readonly string[]])[] =
  [
    [/\bnn_/, "nanomsg", ["nn", "bus", "pair", "pipeline", "pubsub", "reqrep", "survey"]],
    [
      /\bnng_/,
      "nng",
      ["nng", "protocol/pubsub0/pub", "protocol/pubsub0/sub", "protocol/reqrep0/req"],
    ],
  ];

/** Rejects unless the file is JavaScript. */
export async function parseScript(file: string): Promise<void> {
  const esbuild = join(PROJECT, "node_modules", ".bin", "esbuild");
  await expectSuccess(esbuild, [file, "--log-level=warning", "--outfile=/dev/null"]);
}

/** Rejects unless the file is Python; does nothing where there is none. */
export async function parsePython(file: string): Promise<void> {
  if (findPeer("python3", "python3").skip !== false) return;
  const program = "import ast, sys; ast.parse(open(sys.argv[1]).read())";
  await expectSuccess("python3", ["-c", program, file]);
}

/** Rejects unless statements in C compile; does nothing where there is no compiler, or not the library's headers. */
export async function compileC(file: string): Promise<void> {
  const text = readFileSync(file, "utf8");
  const used = HEADERS.filter(([prefix]) => prefix.test(text));
  const isHere = used.every(([, folder]) => existsSync(join("/usr/include", folder)));
  if (findPeer("cc", "build-essential").skip !== false || !isHere) return;
  const headers = used.flatMap(([, folder, names]) => names.map((name) => `${folder}/${name}.h`));
  const includes = ["stdio.h", ...headers].map((header) => `#include <${header}>\n`).join("");
  const whole = `${file}-whole.c`;
  writeFileSync(whole, `${includes}int main(void) {\n${text}return 0;\n}\n`);
  await expectSuccess("cc", ["-fsyntax-only", whole]);
}

async function expectSuccess(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args);
  if (code !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
}
