// A plug-in of TypeDoc: it names the modules of the reference as they are imported, instead of after their files, and links to the guide.

import { readFileSync } from "node:fs";
import process from "node:process";
import { Application, Converter } from "typedoc";

const { name, exports } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

/** `zmtp/mod` is `@nanostreams/nanostreams/zmtp`. */
const names = new Map(
  Object.entries(exports).map((
    [door, file],
  ) => [file.replace(/^\.\/|\.ts$/g, ""), name + door.slice(1)]),
);

export function load(app) {
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    const base = process.env["DOCS_BASE"] ?? "/";
    app.options.setValue("titleLink", base);
    app.options.setValue("navigationLinks", { "The guide": base });
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      module.name = names.get(module.name) ?? module.name;
    }
  });
}
