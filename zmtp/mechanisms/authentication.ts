/** Stub. */
export type AuthenticateHook = (request: object) => unknown;
