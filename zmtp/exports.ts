/** What both doors of ZMTP export, `zmtp/mod.ts` and `zmtp/browser.ts`. */

export { SPError, type SPErrorCode } from "../src/base/errors.ts";
