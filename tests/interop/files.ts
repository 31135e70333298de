/** Messages as files, for tools to read. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../conformance/transports.ts";

/** A folder with a file for each message. */
export class Files {
  readonly #temporary = temporaryFolder();
  readonly #paths: Map<Uint8Array, string> = new Map();

  /** The path of a file with the message in it, written once: a tool may be reading it. */
  of(message: Uint8Array): string {
    let path = this.#paths.get(message);
    if (path === undefined) {
      path = join(this.#temporary.folder, String(this.#paths.size));
      this.#paths.set(message, path);
      writeFileSync(path, message);
    }
    return path;
  }

  /** Removes all of them. */
  remove(): void {
    this.#temporary.remove();
  }
}
