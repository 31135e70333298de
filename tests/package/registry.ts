/** A registry of packages on loopback that has this package, so that the commands that people copy are those that are tested. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

const NAME = "@nanostreams/nanostreams";

/** A registry that runs. */
export interface Registry extends AsyncDisposable {
  readonly address: string;
}

/** The manifest in a tarball: its only file `package/package.json`. */
function manifestOf(tarball: Uint8Array): Record<string, unknown> {
  const tar = gunzipSync(tarball);
  for (let at = 0; at < tar.length;) {
    const field = (start: number, length: number): string =>
      tar.subarray(at + start, at + start + length).toString().replace(/\0[^]*/, "");
    const size = parseInt(field(124, 12), 8) || 0;
    if (field(0, 100) === "package/package.json") {
      return JSON.parse(tar.subarray(at + 512, at + 512 + size).toString());
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error("Cannot find package.json in the tarball");
}

/** Serves a tarball as the newest version of the package. Nothing else is there. */
export async function serveRegistry(file: string): Promise<Registry> {
  const tarball = readFileSync(file);
  const manifest = manifestOf(tarball);
  const version = String(manifest["version"]);
  const server = createServer(({ url = "/" }, response) => {
    const path = decodeURIComponent(url.replace(/\?.*/, ""));
    if (path === `/${NAME}.tgz`) return response.end(tarball);
    if (path !== `/${NAME}`) return response.writeHead(404).end("{}");
    const hash = (name: string) => createHash(name).update(tarball);
    const dist = {
      tarball: `${address}${NAME}.tgz`,
      integrity: `sha512-${hash("sha512").digest("base64")}`,
      shasum: hash("sha1").digest("hex"),
    };
    // Some wait a while before they take a new version.
    const longAgo = "2020-01-01T00:00:00.000Z";
    const body = {
      name: NAME,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, _id: `${NAME}@${version}`, dist } },
      time: { created: longAgo, modified: longAgo, [version]: longAgo },
    };
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(Buffer.from(JSON.stringify(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  return {
    address,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
