/** The version of this package. A bundle has no manifest beside it, so it is written here; a test compares them. */
export const VERSION = "0.2.0";
