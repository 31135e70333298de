/** Stands where there is no message, for `undefined` may be one. */
export const NONE: unique symbol = Symbol("none");
/** The type of {@linkcode NONE}. */
export type None = typeof NONE;
