/** The other implementations' command-line tools, where they are installed. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/** A program of somebody else's. */
export interface Peer {
  readonly command: string;
  /** For `node:test`: why tests that need it are skipped, or false if it is there. */
  readonly skip: string | false;
}

function isInstalled(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Looks for a program. With `REQUIRE_PEERS=1` in the environment nothing is skipped, so that tests
 * fail where it is missing.
 *
 * @param command What it is called.
 * @param debianPackage Where it comes from.
 */
export function findPeer(command: string, debianPackage: string): Peer {
  const isHere = process.env["REQUIRE_PEERS"] === "1" || isInstalled(command);
  const skip = isHere ? false : `${command} is missing: apt-get install ${debianPackage}`;
  return { command, skip };
}

/** nanomsg's nanocat. */
export const NANOCAT: Peer = findPeer("nanocat", "nanomsg-utils");
/** nng's nngcat. */
export const NNGCAT: Peer = findPeer("nngcat", "nng-utils");
