/** A worker with a socket that answers in capitals. */

import { attachInproc, Rep } from "../../../mod.ts";

attachInproc();
const rep = new Rep();
await rep.bind("inproc://smoke");
rep.serve((text) => new TextDecoder().decode(text).toUpperCase());
