// A pool of threads for large buffers. Threads hand them over, there and back, and copy nothing.
//
//   node examples/programs/pool/pool.ts
import { Worker } from "node:worker_threads";
import { attachInproc, Pull, Push, transfer } from "@nanostreams/nanostreams";

const [THREADS, IMAGES, SIZE] = [3, 12, 16 * 1024 * 1024];

const jobs = new Push();
const results = new Pull();
await Promise.all([jobs.bind("inproc://jobs"), results.bind("inproc://results")]);
const threads = Array.from({ length: THREADS }, () => {
  const thread = new Worker(new URL("worker.ts", import.meta.url));
  attachInproc(thread);
  return thread;
});

/** Sends images of one colour, as fast as the threads take them. */
async function sendImages(): Promise<void> {
  for (let number = 1; number <= IMAGES; number++) {
    const image = new Uint8Array(SIZE).fill(100);
    image[0] = number; // since results come when they are ready, in any order
    await jobs.send(transfer(image)); // it has no bytes any more
  }
}
sendImages();

let left = IMAGES;
for await (const image of results) {
  console.log(`image ${image[0]}: ${image.length} bytes, of colour ${image[1]}`);
  if (--left === 0) break;
}
await Promise.all([jobs.close(), results.close()]);
await Promise.all(threads.map((thread) => thread.terminate()));
