// Draws the pictures of the guide, docs/public/pictures/*.svg, as scripts/docs_pictures/pictures.ts describes them.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { draw } from "./docs_pictures/draw.ts";
import { PICTURES } from "./docs_pictures/pictures.ts";

const FOLDER: string = fileURLToPath(
  new URL("../docs/public/pictures/", import.meta.url),
);

/** The pictures as they have to be, by the names of their files. */
export function drawnPictures(): Map<string, string> {
  return new Map(
    Object.entries(PICTURES).map((
      [name, picture],
    ) => [`${name}.svg`, draw(picture)]),
  );
}

/** The pictures as they are. */
export function writtenPictures(): Map<string, string> {
  return new Map(
    readdirSync(FOLDER).map((
      name,
    ) => [name, readFileSync(join(FOLDER, name), "utf8")]),
  );
}

if (import.meta.main) {
  const pictures = drawnPictures();
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of pictures) writeFileSync(join(FOLDER, name), text);
  console.log(`Drew ${pictures.size} pictures`);
}
