// The worker of the tour: counts primes, in a thread of its own.
import { attachInproc, Rep } from "../../mod.ts";
import { text } from "./show.ts";

attachInproc();
const rep = new Rep();
await rep.bind("inproc://primes");
await rep.serve((question) => String(countPrimes(Number(text(question)))));

function countPrimes(below: number): number {
  const composite = new Uint8Array(below);
  let count = 0;
  for (let n = 2; n < below; n++) {
    if (composite[n] === 1) continue;
    count++;
    for (let multiple = n * n; multiple < below; multiple += n) composite[multiple] = 1;
  }
  return count;
}
