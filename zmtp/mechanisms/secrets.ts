/**
 * Whether two secrets are equal. It takes as long for a wrong one as for the right one, so that nobody can find it out byte by
 * byte; only the length of what was given can be told from the time.
 */
export function equalSecrets(given: Uint8Array, secret: Uint8Array): boolean {
  let difference = given.length ^ secret.length;
  for (let at = 0; at < given.length; at++) {
    // Beyond the secret's end it is compared with its beginning: the lengths differ already.
    difference |= given[at]! ^ (secret[at % secret.length] ?? 0);
  }
  return difference === 0;
}
