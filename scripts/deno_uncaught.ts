// Preloaded before each test file on Deno, whose node:test swallows what a timer or an event handler throws (denoland/deno#33749) but fails
// the running test on an unhandled rejection (#35297): so make the one into the other.
globalThis.addEventListener("error", (event) => {
  Promise.reject(event.error);
});
