// A thread of the pool: makes a negative of each image, in its own memory.
import { attachInproc, Pull, Push, transfer } from "@nanostreams/nanostreams";

attachInproc(); // before anything is awaited
const jobs = new Pull();
const results = new Push();
jobs.connect("inproc://jobs");
results.connect("inproc://results");
for await (const image of jobs) {
  for (let i = 1; i < image.length; i++) image[i] = 255 - image[i]!;
  await results.send(transfer(image));
}
