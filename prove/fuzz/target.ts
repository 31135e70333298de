/**
 * The process that is attacked by SP.
 *
 * @module
 */
import { serveTarget } from "./serve_target.ts";
import { makeStands } from "./stands.ts";

serveTarget(makeStands);
