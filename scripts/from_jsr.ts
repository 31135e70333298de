// What imports from JSR, and so cannot be loaded everywhere: files, and folders of them. The linter and the formatter read them like
// all others; the type checkers leave them out, and tests/jsr/std.test.ts checks and runs them where JSR can be reached.

/** Their paths in the project; `tsconfig.json` leaves out the same. */
export const FROM_JSR: readonly string[] = [
  "examples/deno",
  "examples/scripts/jsr",
  "scripts/build_npm_dnt.ts",
  "tests/jsr/std",
];
