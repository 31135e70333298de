/** Who receives less than this in all has nothing to gain from what is done once. */
const MANY = 16 * 1024 * 1024;

/**
 * What is done once in a thread, when many bytes have come: the function takes how many come each time.
 *
 * @param then What to do, for speed only: without the memory for it, it is left undone.
 */
export function onceReceivedMany(then: () => void): (length: number) => void {
  let missing = MANY;
  return (length) => {
    if (missing <= 0) return;
    missing -= length;
    if (missing > 0) return;
    try {
      then();
    } catch {
      // There is no memory.
    }
  };
}
